import type { NetworkInterfaceInfo } from 'node:os';

const ANY = ['0.0.0.0', '[::]', '::'];

/** The link as somebody on this machine opens it, and as somebody beside it does (null: not known, or not served). */
export interface Links {
  readonly here: string;
  readonly lan: string | null;
}

/** A hub listens on 0.0.0.0; a browser cannot open that. */
export function openLinks(link: string, lanAddress: string | null): Links {
  const { hostname } = new URL(link);
  if (!ANY.includes(hostname)) return { here: link, lan: null };
  return { here: withHost(link, 'localhost'), lan: lanAddress === null ? null : withHost(link, lanAddress) };
}

/** A broker on any address, as a client on this machine reaches it. */
export function onThisMachine(url: string): string {
  const { hostname, protocol, port } = new URL(url);
  const isAny = ANY.includes(hostname);
  const here = hostname.startsWith('[') ? '[::1]' : '127.0.0.1';
  return `${protocol}//${isAny ? here : hostname}:${port}`;
}

function withHost(link: string, host: string): string {
  const url = new URL(link);
  url.hostname = host;
  return url.href;
}

/** The first IPv4 address that others can reach. */
export function lanAddress(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string | null {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null;
}
