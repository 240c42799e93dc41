/** What the entry of the floor offers on every host. */
export { EngineLostError, isOnhandError, OnhandError, type OnhandErrorCode } from "./errors.js";
export { Engine } from "./floor_engine.js";
export type { Book } from "./book.js";
export type {
  Closing, CountMark, CountProgress, CountSheet, Delivery, ExpectedItem, ExpectedSupply, Finding, Inspection, Oddity, Tolerance,
} from "./floor.js";
export {
  type About, type Allowed, type Approval, type ApprovalPolicy, type ApprovalRefused, type ApprovalRule, type ApprovalStatus, type Due,
  type ExceptionLife, type Fault, type Lane, type LogEntry, type LogHead, type OverReturned, type SoldLine, Trail, type TrailStart, type Verdict,
} from "./trail.js";
export type { Measure } from "./rulebook.js";
export type * from "./types.js";
export { VERSION } from "./version.js";
