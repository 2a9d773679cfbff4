import type { LoadStatus } from '../wire.ts';

export interface StatusWords {
  readonly word: string;
  readonly icon: 'check' | 'warning' | 'stop';
  readonly sentence: string;
}

const WORDS: Record<LoadStatus, StatusWords> = {
  safe: { word: 'Safe', icon: 'check', sentence: 'There is room to spare.' },
  near_limit: {
    word: 'Near limit',
    icon: 'warning',
    sentence: 'Little room is left; the next big appliance may be refused.',
  },
  over_limit: {
    word: 'Over limit',
    icon: 'stop',
    sentence: 'More is counted than the limit allows. Nothing more can go on.',
  },
};

export function sayStatus(status: LoadStatus): StatusWords {
  return WORDS[status];
}
