/** What the topics of a device begin with: all end with a slash. */
export interface TasmotaTopics {
  readonly cmnd: string;
  readonly stat: string;
  readonly tele: string;
}

interface Layout {
  readonly topic: string;
  readonly full_topic: string;
  readonly prefixes: { readonly cmnd: string; readonly stat: string; readonly tele: string };
}

/** FullTopic with its tokens filled (wire-formats C1): the order of prefix and topic is the user's. */
export function tasmotaTopics({ topic, full_topic, prefixes }: Layout): TasmotaTopics {
  const filled = (prefix: string) => withSlash(full_topic.replaceAll('%prefix%', prefix).replaceAll('%topic%', topic));
  return { cmnd: filled(prefixes.cmnd), stat: filled(prefixes.stat), tele: filled(prefixes.tele) };
}

/** The firmware does the same to what its user typed. */
function withSlash(base: string): string {
  return `${base}/`.replace(/\/{2,}/g, '/');
}
