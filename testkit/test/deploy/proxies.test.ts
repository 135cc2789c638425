import { describe, expect, it } from 'vitest';
import { only, readBraced, valuesOf } from './braced.ts';
import { longestSilence, textOf } from './repository.ts';

describe('nginx before a relay', () => {
  const file = readBraced(textOf('deploy/nginx.conf'), ';');
  const servers = file.filter((it) => it.words[0] === 'server').map((it) => it.inside);
  const [plain = [], secure = []] = servers;
  const { inside: location } = only(secure, 'location');

  it('sends everybody to TLS', () => {
    expect(servers).toHaveLength(2);
    expect(valuesOf(plain, 'return')).toEqual(['301 https://$host$request_uri']);
    expect(valuesOf(plain, 'location')).toEqual([]);
    for (const listen of valuesOf(secure, 'listen')) expect(listen).toMatch(/443 ssl/);
    expect(valuesOf(secure, 'ssl_protocols')).toEqual(['TLSv1.2 TLSv1.3']);
    expect(valuesOf(plain, 'server_name')).toEqual(valuesOf(secure, 'server_name'));
  });

  it('passes on WebSockets, the host that origins are compared with, and answers as they come', () => {
    expect(valuesOf(location, 'proxy_set_header')).toEqual([
      'Host $http_host',
      'Upgrade $http_upgrade',
      'Connection $baton_connection',
    ]);
    expect(only(file, 'map').inside.map((it) => it.words)).toEqual([
      ['default', 'upgrade'],
      ["''", "''"],
    ]);
    expect(valuesOf(location, 'proxy_http_version')).toEqual(['1.1']);
    expect(valuesOf(location, 'proxy_buffering')).toEqual(['off']);
    expect(valuesOf(location, 'proxy_pass')).toEqual(['http://baton']);
    expect(valuesOf(only(file, 'upstream').inside, 'server')).toEqual(['127.0.0.1:8787']);
  });

  it('is more patient than the relay is silent', () => {
    const seconds = Number(/^(\d+)s$/.exec(valuesOf(location, 'proxy_read_timeout')[0] ?? '')?.[1]);
    expect(seconds * 1000).toBeGreaterThanOrEqual(2 * longestSilence());
  });

  it('[P14] writes no log of its own kind: headers carry tokens', () => {
    expect(textOf('deploy/nginx.conf')).not.toMatch(/log_format|http_authorization|sec_websocket_protocol/i);
  });
});

describe('Caddy before a relay', () => {
  const [site] = readBraced(textOf('deploy/Caddyfile'), '\n');

  it('passes everything on as it comes', () => {
    const proxy = only(site?.inside ?? [], 'reverse_proxy');
    expect(proxy.words).toEqual(['reverse_proxy', '{$BATON_RELAY:127.0.0.1:8787}']);
    expect(valuesOf(proxy.inside, 'flush_interval')).toEqual(['-1']);
  });

  it('[P14] logs no header that carries a token', () => {
    const { inside: log } = only(site?.inside ?? [], 'log');
    const { inside: fields } = only(only(log, 'format').inside, 'fields');
    expect(fields.map((it) => it.words.join(' '))).toEqual([
      'request>headers>Sec-Websocket-Protocol delete',
      'request>headers>Authorization delete',
    ]);
  });
});
