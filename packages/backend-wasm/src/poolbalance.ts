// Whether cutting pays at the moment. Where other programs have the cores, a worker that took a ticket may
// not run for milliseconds, and one thread would have been quicker. Each job tells what it won or lost
// against the caller alone; after a loss the caller works alone for twenty times as long, so that cutting
// costs a twentieth at most.

/** Milliseconds: wins that are kept in mind, and losses that are borne. */
const [most, worst] = [2, -0.5];
const restsPerLoss = 20;

/** Wins and losses of cutting. */
export class Balance {
  #sum = 0;
  #until = 0;

  /** Whether to cut, at a time in milliseconds. */
  pays(now: number): boolean {
    return now >= this.#until;
  }

  /** Notes that a job was won by so many milliseconds. */
  note(now: number, won: number): void {
    this.#sum = Math.min(most, this.#sum + won);
    if (this.#sum > worst) return;
    this.#until = now - restsPerLoss * this.#sum;
    this.#sum = 0;
  }
}
