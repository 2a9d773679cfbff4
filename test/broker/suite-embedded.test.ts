import { brokerSuite } from './suite.ts';
import { openEmbeddedRig } from './suite-embedded-rig.ts';

brokerSuite("the hub's own broker", openEmbeddedRig);
