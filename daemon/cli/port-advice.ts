const ADVICE: readonly [sign: RegExp, advice: string][] = [
  [
    /permission denied|EACCES|EPERM/i,
    'add your user to the group of serial ports (sudo usermod -aG dialout $USER) and log in again',
  ],
  [
    /cannot lock|temporarily unavailable|EBUSY|busy/i,
    'another program has it: a running hub keeps its ports (voltsafe doctor asks the hub), so may ModemManager or a terminal program',
  ],
  [
    /no such file|ENOENT|ENODEV|ENXIO/i,
    'check that the adapter is plugged in, and the path; voltsafe ports lists what is there',
  ],
  [/not a tty|ENOTTY|inappropriate ioctl|unknown error.*25/i, 'this is no serial port: check the path'],
  [
    /ECONNREFUSED|EHOSTUNREACH|ETIMEDOUT|no answer within/i,
    'check the address of the network adapter and that it is on',
  ],
];

/** What to do about a port that does not open. */
export function portAdvice(reason: string): string {
  return ADVICE.find(([sign]) => sign.test(reason))?.[1] ?? 'check the adapter and its cable';
}
