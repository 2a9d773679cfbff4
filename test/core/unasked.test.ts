import { describe, expect, it } from 'vitest';
import { events, Home } from './home.ts';
import { lampThatIs, play } from './play.ts';

describe('an ON that nobody granted (S9)', () => {
  it('goes off again where it does not fit, and it is itself the first to go', () => {
    const home = new Home()
      .add({ oven: { w: 3000, priority: 0 }, dryer: { w: 3000, priority: 100 } })
      .switchedOn('oven');
    expect(events(play(home, 'dryer reads on'))).toEqual(['observed dryer on', 'ordered dryer off unasked']);
    expect(home.reservedW()).toBe(6000);
    play(home, 'dryer obeys');
    expect(home.reservedW()).toBe(3000);
  });

  it('of two at once, the worthier meets the free watts', () => {
    const home = new Home().add({ oven: { w: 3000, priority: 10 }, dryer: { w: 3000, priority: 90 } });
    const heard = events(home.reads({ oven: true, dryer: true }));
    expect(heard).toContain('ordered dryer on adopted, settled');
    expect(heard).toContain('ordered oven off unasked');
  });

  it('what the same poll frees is free for it', () => {
    const home = new Home().add({ oven: { w: 3000 }, dryer: { w: 3000 } }).switchedOn('dryer');
    play(home, 'dryer off');
    expect(events(home.reads({ oven: true, dryer: false }))).toContain('ordered oven on adopted, settled');
  });

  it('an OFF that was acknowledged and never since read is a relay that stuck, however late the reading is decided', () => {
    const home = lampThatIs('turning off');
    const heard = events(play(home, 'lamp obeys; 60 s; lamp reads on'));
    expect(heard).toEqual(['observed lamp on stuck_on', 'ordered lamp off unasked']);
  });

  it.each([
    ['after an OFF that was read once it was a hand', 'lamp obeys; lamp reads off; lamp reads on'],
    ['after an OFF that was read back it was a hand', 'lamp obeys by reading; lamp reads on'],
  ])('%s', (_, steps) => {
    expect(events(play(lampThatIs('turning off'), steps))).toContain('ordered lamp on adopted, settled');
  });
});
