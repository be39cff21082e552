// Whether cutting pays at the moment. Where other programs have the cores, a worker that took a ticket may
// not run for milliseconds, or run in the caller's place, and one thread would have been quicker. Each job
// tells what it took, and what it is worth: what it takes the caller alone. Losses against what jobs
// take now when they are not cut make the caller work alone for twenty times as long, so that cutting costs
// a twentieth at most.

/** Milliseconds: wins that are kept in mind, losses that are borne, and the shortest rest. */
const [most, worst, least] = [10, -1, 20];
const restsPerLoss = 20;
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

/** The runs of a trial: whole ones, then cut ones; and the runs after which a job is tried again. */
const [wholes, cuts] = [3, 8];
const period = { cut: 1000, whole: 60 };
/** A job is cut where that takes at most this share of the time. */
const worthIt = 0.93;

/**
 * Whether one job is better cut: both ways are tried, and the better is kept. A product of few rows, for
 * one, reads all of its right-hand side for each ticket.
 */
export class Trial {
  #whole = Infinity;
  #cut = Infinity;
  #run = 0;
  #seen = 0;

  /** Whether to cut the next run. */
  get cuts(): boolean {
    const run = this.#run;
    if (run > 0 && run <= wholes) return false;
    return run <= wholes + cuts || this.#pays;
  }

  get #pays(): boolean {
    return this.#cut <= worthIt * this.#whole;
  }

  /** Whether it has been cut often enough to tell: the first times, workers compile what they need. */
  get settled(): boolean {
    return this.#seen > 3 && this.#whole < Infinity;
  }

  /** Milliseconds that the job takes one thread. */
  get worth(): number {
    return this.#whole;
  }

  sawWhole(took: number): void {
    this.#whole = Math.min(this.#whole, took);
    this.#next();
  }

  /** Notes a run that workers had a part in. */
  sawCut(took: number): void {
    this.#seen++;
    this.#cut = Math.min(this.#cut, took);
    this.#next();
  }

  #next(): void {
    if (++this.#run < period[this.#pays ? 'cut' : 'whole']) return;
    [this.#run, this.#whole, this.#cut] = [0, Infinity, Infinity];
  }
}
