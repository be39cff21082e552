// A probe in a process of its own: `probes/main.ts NAME SETTINGS` prints its result as JSON.
import { growth } from './growth.js';
import { startup } from './startup.js';

const [, , name, settings = '{}'] = process.argv;
const probe = name === 'growth' ? growth : startup;
console.log(JSON.stringify(await probe(JSON.parse(settings) as Record<string, number>)));
