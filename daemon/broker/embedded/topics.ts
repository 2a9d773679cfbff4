import { BROKER_LIMITS } from '../limits.ts';

/** U+FFFD is what bytes that are no UTF-8 become, which the server must refuse (MQTT 3.1.1, 1.5.3-1 and -2). */
const FORBIDDEN = /[\p{Cc}\p{Noncharacter_Code_Point}\uFFFD]/u;

export function isPlainText(text: string): boolean {
  return !FORBIDDEN.test(text);
}

let last = { topic: '', levels: [''] as readonly string[] };
let lastButOne = last;

/** Each message asks some ten times for the same topic, now and then for a filter in between: the last two are kept. */
export function levelsOf(topic: string): readonly string[] {
  if (last.topic === topic) return last.levels;
  const found = lastButOne.topic === topic ? lastButOne : { topic, levels: topic.split('/') };
  lastButOne = last;
  last = found;
  return found.levels;
}

/** Why nothing is published to it; null: it may be, as far as its form goes. */
export function topicFault(topic: string): string | null {
  if (topic.includes('+') || topic.includes('#')) return 'a wildcard in a topic';
  return formFault(topic);
}

/** Why it cannot be subscribed to, as far as its form goes (MQTT 3.1.1, 4.7.1). */
export function filterFault(filter: string): string | null {
  const fault = formFault(filter);
  if (fault !== null) return fault;
  const levels = levelsOf(filter);
  const isWrong = (level: string, at: number) =>
    (level.includes('+') && level !== '+') || (level.includes('#') && (level !== '#' || at !== levels.length - 1));
  return levels.some(isWrong) ? 'a wildcard out of place' : null;
}

function formFault(text: string): string | null {
  if (text.length === 0) return 'an empty topic';
  if (text.length > BROKER_LIMITS.topicChars) return `a topic of more than ${BROKER_LIMITS.topicChars} characters`;
  if (!isPlainText(text)) return 'control characters in a topic';
  if (levelsOf(text).length > BROKER_LIMITS.topicLevels)
    return `a topic of more than ${BROKER_LIMITS.topicLevels} levels`;
  return null;
}

/** Whether a message to this topic reaches who subscribed to this filter. Wildcards do not reach `$...` (4.7.2-1). */
export function matches(filter: string, topic: string): boolean {
  return covers(filter, topic);
}

/** Whether each topic that `narrow` (a filter, or a topic) matches is matched by `wide` too. */
export function covers(wide: string, narrow: string): boolean {
  if (narrow.startsWith('$') && !wide.startsWith('$')) return false;
  const [outer, inner] = [levelsOf(wide), levelsOf(narrow)];
  for (const [at, level] of outer.entries()) {
    if (level === '#') return true;
    const other = inner[at];
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return outer.length === inner.length;
}
