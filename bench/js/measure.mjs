// Measures two sides in turn by CPU time and writes what it finds, one JSON object a line, for the program that judges.

export const ROUNDS = 9;
export const quick = process.argv.includes("--quick");

/** Shortest time that a side is measured for in a round, and that it is warmed up for before, in seconds. */
const LEAST = 0.04;
const WARM_UP = 0.4;

/** CPU seconds of a piece of work. All threads of the process count: collecting garbage and compiling are part of a program's cost. */
export function timed(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/**
 * Collects garbage and waits until the collector's threads have swept what they found: they would go on for tens of
 * milliseconds, and whatever is measured meanwhile would be charged for garbage that is not its own.
 */
export function settle() {
  globalThis.gc();
  Atomics.wait(PAUSE, 0, 0, 50);
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Compares two pieces of work that can be repeated as often as is needed: seconds of one piece, by round. */
export function compare(key, ours, theirs, note) {
  const repetitions = [calibrate(ours), calibrate(theirs)];
  const side = (work, times) => {
    settle();
    return timed(() => {
      for (let at = 0; at < times; at++) work();
    }) / times;
  };
  rounds(key, (swap) => {
    const first = swap ? side(theirs, repetitions[1]) : side(ours, repetitions[0]);
    const second = swap ? side(ours, repetitions[0]) : side(theirs, repetitions[1]);
    return swap ? [second, first] : [first, second];
  }, { note });
}

/** How often a piece of work has to be repeated. Finding out warms it up, so that it is measured as the compilers leave it. */
function calibrate(work) {
  let spent = 0;
  for (let times = 1; ; times *= 2) {
    const seconds = timed(() => {
      for (let at = 0; at < times; at++) work();
    });
    spent += seconds;
    if (spent >= WARM_UP) return Math.max(1, Math.ceil((times * LEAST) / seconds));
  }
}

/** Calls `round` for the seconds of both sides. The side that goes first is to change with its argument. */
export function rounds(key, round, extra = {}) {
  round(false); // Not kept: it finds caches and memory cold.
  const measure = { key, ours: [], theirs: [], ...extra };
  for (let at = 0; at < ROUNDS; at++) {
    const [ours, theirs] = round(at % 2 === 0);
    measure.ours.push(ours);
    measure.theirs.push(theirs);
  }
  print(measure);
}

/** The same where a side answers later, as another process does. */
export async function roundsLater(key, round, extra = {}) {
  await round(false);
  const measure = { key, ours: [], theirs: [], ...extra };
  for (let at = 0; at < ROUNDS; at++) {
    const [ours, theirs] = await round(at % 2 === 0);
    measure.ours.push(ours);
    measure.theirs.push(theirs);
  }
  print(measure);
}

/** A figure where no two sides are compared. */
export function figure(key, value, note) {
  print({ key, figure: value, note });
}

function print(measure) {
  process.stdout.write(`${JSON.stringify(measure)}\n`);
}
