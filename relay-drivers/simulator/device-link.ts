import { lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';

/** Puts a stable name on a device, in place of an older link but never of a file. Returns what takes it away. */
export function linkDevice(linkPath: string, devicePath: string): () => void {
  const found = lstatSync(linkPath, { throwIfNoEntry: false });
  if (found && !found.isSymbolicLink()) {
    throw new Error(`${linkPath} exists and is not a symbolic link: move it away or choose another --link`);
  }
  // Renamed into place: whoever opens the name finds the old device or the new one, never nothing.
  const fresh = `${linkPath}.new`;
  rmSync(fresh, { force: true });
  symlinkSync(devicePath, fresh);
  renameSync(fresh, linkPath);
  return () => unlinkDevice(linkPath, devicePath);
}

/** Only our own: another simulator may have taken the name over. */
function unlinkDevice(linkPath: string, devicePath: string): void {
  const found = lstatSync(linkPath, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(linkPath) === devicePath) rmSync(linkPath);
}
