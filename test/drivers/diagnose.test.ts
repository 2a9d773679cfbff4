import { describe, expect, it } from 'vitest';
import { Diagnosis, type Wiring } from '../../relay-drivers/diagnose.ts';
import { DriverError } from '../../relay-drivers/driver.ts';
import { hex, words } from './captured.ts';

const WIRING: Wiring = { driver: 'modbus-coils', path: '/dev/ttyUSB0', baud: 9600, parity: 'none', unit: 1 };
const ASKED = hex('01 01 00 00 00 08 3D CC');

const timeout = (heard: Uint8Array = new Uint8Array(0), asked = ASKED) =>
  new DriverError('timeout', 'unit 1, read relays: no valid reply within 300 ms', heard, asked);

function diagnosed(...errors: DriverError[]): Diagnosis {
  const diagnosis = new Diagnosis(WIRING);
  for (const error of errors) diagnosis.failed(error);
  return diagnosis;
}

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);

describe('what is probably wrong', () => {
  const table: { name: string; heard: Uint8Array; code: string; what: RegExp; advice: RegExp }[] = [
    {
      name: 'nothing comes',
      heard: new Uint8Array(0),
      code: 'silence',
      what: /nothing comes back from unit 1 at 9600 baud, no parity/,
      advice: /power.*A and B.*unit address \(1 is asked\).*baud 2400, 4800, 19200.*even or odd/,
    },
    {
      name: 'only our own bytes come',
      heard: ASKED,
      code: 'echo',
      what: /adapter hears itself and unit 1 does not answer/,
      advice: /power/,
    },
    {
      name: 'garbage',
      heard: hex('FE 00 80 F8 00 FF C0 F8'),
      code: 'noise',
      what: /make no frame: probably the baud rate or parity of unit 1 is another than 9600 baud/,
      advice: /try baud 2400/,
    },
    {
      name: 'garbage behind our echo',
      heard: hex('01 01 00 00 00 08 3D CC FE 80 F8'),
      code: 'noise',
      what: /make no frame/,
      advice: /try baud/,
    },
    {
      name: 'a reply with a wrong check',
      heard: hex('01 01 01 03 51 A0'),
      code: 'damaged',
      what: /two devices on the line have this address/,
      advice: /disconnect all devices but one/,
    },
    {
      name: 'somebody else',
      heard: hex('FF 01 01 01 A1 A0'),
      code: 'stranger',
      what: /unit 255 speaks \(function 1\) where unit 1 was asked/,
      advice: /another master/,
    },
    {
      name: 'the request of another master',
      heard: hex('07 04 00 00 00 0A 70 6B'),
      code: 'stranger',
      what: /unit 7 speaks \(function 4\)/,
      advice: /another master/,
    },
    {
      name: 'more than was asked',
      heard: hex('01 01 04 00 00 00 01 3A 11'),
      code: 'misfit',
      what: /unit 1 answers, but not as much as/,
      advice: /channels/,
    },
    {
      name: 'words',
      heard: words('/ISk5\\2MT382-1000\r\n1-3:0.2.8(50)\r\n'),
      code: 'text',
      what: /writes words \("\/ISk5/,
      advice: /P1 meter/,
    },
    {
      name: 'the power-up text of a board',
      heard: words('Thank you for using the Modbus modules of LCTECH\r\n'),
      code: 'text',
      what: /starts again and again/,
      advice: /supply is too weak/,
    },
  ];
  it.each(table)('$name', ({ heard, code, what, advice }) => {
    const { fault } = diagnosed(timeout(heard), timeout(heard), timeout(heard));
    expect(fault).toMatchObject({
      code,
      what: expect.stringMatching(what),
      advice: expect.stringMatching(advice),
    });
  });

  it('a refusal names what the board said, a closed port why', () => {
    expect(diagnosed(new DriverError('exception', 'unit 1: it has no such channel')).fault).toMatchObject({
      code: 'refusal',
      what: 'unit 1: it has no such channel',
      advice: expect.stringContaining('number of channels'),
    });
    expect(diagnosed(new DriverError('port_closed', 'no such file')).fault).toMatchObject({
      code: 'port',
      what: 'no such file',
      advice: expect.stringContaining('path in the configuration'),
    });
  });

  it('bytes of a family without a check are noise, never a frame', () => {
    const asked = hex('FF');
    const { fault } = diagnosed(timeout(hex('01 01 01 03 51 A0'), asked));
    expect(fault?.code).toBe('noise');
  });
});

describe('what is remembered', () => {
  const silent = timeout();
  const damaged = timeout(hex('01 01 01 03 51 A0'));

  it('nothing after an answer', () => {
    const diagnosis = diagnosed(silent);
    diagnosis.answered();
    expect(diagnosis.fault).toBeNull();
  });

  it('nothing of what was not sent', () => {
    expect(diagnosed(new DriverError('not_valid', 'too late'), new DriverError('no_read_back', '')).fault).toBeNull();
  });

  it.each([
    { errors: [...times(4, damaged), ...times(8, silent)], code: 'damaged' },
    { errors: [damaged, ...times(9, silent)], code: 'silence' },
    // What is mended is not told for long.
    { errors: [...times(50, damaged), ...times(16, silent)], code: 'silence' },
    { errors: [...times(16, silent), new DriverError('port_closed', 'gone')], code: 'port' },
    { errors: [new DriverError('port_closed', 'gone'), silent], code: 'silence' },
  ])('$code', ({ errors, code }) => {
    expect(diagnosed(...errors).fault?.code).toBe(code);
  });

  it('what is shown of a stranger is short and plain', () => {
    const { fault } = diagnosed(timeout(words(`${'x'.repeat(900)}`)), timeout(words('<b>\u0007hello world</b>')));
    expect(fault?.what.length).toBeLessThan(160);
    expect(fault?.what).toMatch(/^[\x20-\x7e]*$/);
  });
});
