// Whether cutting pays at the moment. Where other programs have the cores, a worker that took a ticket may
// not run for milliseconds, or run in the caller's place, and one thread would have been quicker. Each job
// tells what it took, and what it is worth: what it takes the caller alone. Losses against what jobs
// take now when they are not cut make the caller work alone for thirty times as long, so that cutting costs
// a thirtieth at most.

/** Milliseconds: wins that are kept in mind, losses that are borne, and the shortest rest. */
const [most, worst, least] = [10, -0.5, 50];
const restsPerLoss = 30;
/** Milliseconds after which what was seen of the machine is forgotten. */
const memory = 200;

/** Wins and losses of cutting. */
export class Balance {
  #sum = 0;
  #until = 0;
  /** What uncut jobs take now, over what they are worth: 1 on a quiet machine. */
  #slow = 1;

  /** Whether to cut, at a time in milliseconds. */
  pays(now: number): boolean {
    return now >= this.#until;
  }

  /** Notes an uncut job, in milliseconds. */
  whole(took: number, worth: number): void {
    this.#slow += (took / worth - this.#slow) * Math.min(1, worth / memory);
  }

  /** Notes a job that was cut, and when it ended. */
  cut(now: number, took: number, worth: number): void {
    this.#sum = Math.min(most, this.#sum + worth * this.#slow - took);
    this.#slow += (1 - this.#slow) * Math.min(1, took / memory);
    if (this.#sum > worst) return;
    this.#until = now + Math.max(least, -restsPerLoss * this.#sum);
    this.#sum = 0;
  }
}

/** Milliseconds that a job takes one thread: the least of the first runs, then slowly what later ones say. */
export class Worth {
  ms = Infinity;
  #runs = 0;

  /** Notes what a run took, or would have. A thread that is put aside takes many times as long, which says little. */
  see(ms: number): void {
    if (this.#runs++ < 4) this.ms = Math.min(this.ms, ms);
    else this.ms += (Math.min(ms, 2 * this.ms) - this.ms) / 8;
  }
}
