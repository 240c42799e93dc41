/** Money in minor units, written as an exact decimal: no division, so no cent is ever lost to a float. */
import type { Money } from "./types.js";

/** Digits behind the point of a currency by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** `1999` with two digits is `19.99`. What is no safe integer stays as it is. */
export function decimal(minor: Money, digits: number): string {
  if (!Number.isSafeInteger(minor) || digits === 0) return String(minor);
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  return `${minor < 0 ? "-" : ""}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
