/** After the faults stop, everything is settled within this much virtual time. */
export const SETTLES_WITHIN_MS = 90_000;
/** A board that answers is read once a second. */
export const READ_WITHIN_MS = 1500;
/** FC01, the second byte of a request. */
export const READ_COILS = 1;
