import { openExternalRig } from './external-rig.ts';
import { brokerSuite } from './suite.ts';

brokerSuite('an external broker (Mosquitto)', openExternalRig);
