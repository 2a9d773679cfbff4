import { openEmbeddedRig } from './suite-embedded-rig.ts';
import { topicsSuite } from './topics-suite.ts';

topicsSuite("the hub's own topics on its own broker", openEmbeddedRig);
