/**
 * Beyond what can be promised of plugs whose answers have no number (relay-drivers/plugs/channel.ts): words of a plug that
 * are older than a command come later than `quietMs` after it, one by one; and of one that cannot be asked, what it said is
 * still under way when the next hub reads what the broker keeps.
 */
export const BEYOND = process.env['VOLTSAFE_SIM_BEYOND'] === '1';
