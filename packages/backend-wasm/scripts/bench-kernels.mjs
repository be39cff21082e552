export function bench() {}
