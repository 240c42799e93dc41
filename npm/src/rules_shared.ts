/** What the entry of promises under rules offers on every host. */
export { EngineLostError, isOnhandError, OnhandError, type OnhandErrorCode } from "./errors.js";
export type { ExpectedSupply } from "./floor.js";
export {
  type AllocationRow, type Hours, type Leg, type Measure, type Objective, type Room, type Rule, type Rulebook, Rules, type SafetyRow, type StandInRow,
  type Term, type Times, type Timetable, type With,
} from "./rulebook.js";
export { Engine } from "./rules_engine.js";
export type * from "./types.js";
export { VERSION } from "./version.js";
