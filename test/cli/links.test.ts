import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { lanAddress, openLinks } from '../../daemon/cli/links.ts';

const wlan0: NetworkInterfaceInfo[] = [
  { address: 'fe80::1', family: 'IPv6', internal: false, netmask: '', mac: '', cidr: null, scopeid: 0 },
  { address: '192.168.1.5', family: 'IPv4', internal: false, netmask: '', mac: '', cidr: null },
];
const lo: NetworkInterfaceInfo[] = [
  { address: '127.0.0.1', family: 'IPv4', internal: true, netmask: '', mac: '', cidr: null },
];

it.each([
  ['http://0.0.0.0:8080/#setup=vs_x', 'http://localhost:8080/#setup=vs_x', 'http://192.168.1.5:8080/#setup=vs_x'],
  ['http://[::]:8081/#setup=vs_x', 'http://localhost:8081/#setup=vs_x', 'http://192.168.1.5:8081/#setup=vs_x'],
  ['http://127.0.0.1:80/#setup=vs_x', 'http://127.0.0.1:80/#setup=vs_x', null],
  ['http://hub.lan:8080/#setup=vs_x', 'http://hub.lan:8080/#setup=vs_x', null],
])('%s is opened as %s', (link, here, lan) => {
  expect(openLinks(link, '192.168.1.5')).toEqual({ here, lan });
});

it('finds the address that others can reach', () => {
  expect(lanAddress({ lo, wlan0 })).toBe('192.168.1.5');
  expect(lanAddress({ lo })).toBeNull();
});
