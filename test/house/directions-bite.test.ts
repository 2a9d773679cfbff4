import { describe, expect, it } from 'vitest';
import { cycles, strayImports } from './directions.ts';
import { readSource } from './source.ts';

/** A file at this path with this one line, and whether the rule stops it. */
const SAMPLES: readonly [path: string, line: string, isStopped: boolean][] = [
  ['daemon/core/x.ts', "import { a } from './model.ts';", false],
  ['daemon/core/x.ts', "import type { Clock } from '../../relay-drivers/clock.ts';", true],
  ['daemon/core/x.ts', "import { Queue } from '../queue/queue.ts';", true],
  ['daemon/core/x.ts', "import { readFileSync } from 'node:fs';", true],
  ['daemon/core/x.ts', "import { z } from 'zod';", true],
  ['daemon/core/x.ts', "const lazy = () => import('../hub.ts');", true],
  ['daemon/core/x.ts', "type Hub = import('../hub.ts').Hub;", true],
  ['daemon/core/x.ts', "export { Hub } from '../hub.ts';", true],
  ['daemon/core/x.ts', 'const text = "import { Hub } from \'../hub.ts\'";', false],
  ['daemon/core/x.ts', "// import { Hub } from '../hub.ts';", false],
  ['daemon/core/x.ts', "import { a } from './model';", true],
  ['daemon/queue/x.ts', "import { decide } from '../core/decide.ts';", false],
  ['daemon/queue/x.ts', "import { Relays } from '../relays/relays.ts';", true],
  ['daemon/queue/x.ts', "import { LedgerStore } from '../ledger/store.ts';", true],
  ['daemon/relays/x.ts', "import type { RelayOrder } from '../queue/ports.ts';", false],
  ['daemon/relays/x.ts', "import { Queue } from '../queue/queue.ts';", true],
  ['daemon/relays/x.ts', "import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';", true],
  ['daemon/relays/x.ts', "import { openLedger } from '../ledger/client.ts';", true],
  ['daemon/ledger/x.ts', "import type { Event } from '../core/events.ts';", false],
  ['daemon/ledger/x.ts', "import type { HubPort } from '../http/port.ts';", true],
  ['daemon/http/routes/x.ts', "import { Problem } from '../problems.ts';", false],
  ['daemon/http/routes/x.ts', "import { openLedger } from '../../ledger/client.ts';", true],
  ['daemon/http/x.ts', "import { Relays } from '../relays/relays.ts';", true],
  ['daemon/http/x.ts', "import type { Queue } from '../queue/queue.ts';", true],
  ['daemon/hub.ts', "import { Queue } from './queue/queue.ts';", false],
  ['daemon/cli/x.ts', "import { openLedger } from '../ledger/client.ts';", true],
  ['daemon/core/x.ts', "import { Home } from '../../test/core/home.ts';", true],
  ['daemon/hub.ts', "import { Home } from '../test/core/home.ts';", true],
  ['relay-drivers/line/x.ts', "import type { Now } from '../../daemon/core/model.ts';", true],
  ['relay-drivers/buses.ts', "import type { Now } from '../daemon/core/model.ts';", true],
  ['relay-drivers/line/x.ts', "import { serial } from '../modbus-coils/driver.ts';", true],
  ['relay-drivers/simulator/x.ts', "import { createLcus } from '../lcus/driver.ts';", true],
  ['relay-drivers/simulator/x.ts', "import { createModbusCoils } from '../modbus-coils/driver.ts';", true],
  ['relay-drivers/simulator/x.ts', "import { Line } from '../line/line.ts';", true],
  ['dashboard/src/x.ts', "import type { LoadView } from '../../daemon/core/views.ts';", false],
  ['dashboard/src/x.ts', "import { type LoadView } from '../../daemon/core/views.ts';", false],
  ['dashboard/src/x.ts', "import { showLoad } from '../../daemon/core/show.ts';", true],
  ['dashboard/src/x.ts', "import { schema } from '../../daemon/http/wire.ts';", true],
  [
    'dashboard/src/x.vue',
    '<script setup lang="ts">\nimport { schema } from \'../../daemon/http/wire.ts\';\n</script>',
    true,
  ],
  ['nowhere/x.ts', "import { a } from './b.ts';", true],
];

describe('the rules bite', () => {
  it.each(SAMPLES)('%s: %s', (path, line, isStopped) => {
    expect(strayImports([readSource(path, line)])).toHaveLength(isStopped ? 1 : 0);
  });

  it('says where, and what would be right', () => {
    const [text] = strayImports([readSource('daemon/queue/x.ts', "\nimport { Hub } from '../hub.ts';")]);
    expect(text).toBe(
      'daemon/queue/x.ts:2 imports ../hub.ts: daemon/queue/ may import daemon/core/, relay-drivers/clock.ts',
    );
  });

  it('a circle is told with its chain, once', () => {
    const circle = [
      readSource('daemon/core/a.ts', "import { b } from './b.ts';"),
      readSource('daemon/core/b.ts', "import type { c } from './c.ts';"),
      readSource('daemon/core/c.ts', "export * from './a.ts';\nimport './d.ts';"),
      readSource('daemon/core/d.ts', ''),
    ];
    expect(cycles(circle)).toEqual(['daemon/core/a.ts -> daemon/core/b.ts -> daemon/core/c.ts -> daemon/core/a.ts']);
    expect(cycles(circle.slice(0, 2))).toEqual([]);
  });
});
