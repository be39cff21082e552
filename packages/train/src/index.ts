export { randomOf, type Random } from './random.js';
export { constant, he, xavier, type Initial } from './initialise.js';
