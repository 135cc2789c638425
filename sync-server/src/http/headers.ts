import type { RequestHandler } from 'express';

/**
 * WebSockets are named by scheme because `'self'` does not mean them in every browser; the relay's own origin
 * check is what guards them. `worker-src` is for the service worker, and the receiver's database.
 */
const policy = (scripts: string, styles = "'self'"): string =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    "worker-src 'self'",
    "connect-src 'self' ws: wss:",
    `style-src ${styles}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const CONTENT_SECURITY_POLICY = policy("'self'");

/**
 * For the receiver's page and the script of its database, which is WebAssembly: without it PGlite was seen to hang, not
 * to fail. A worker runs under the policy of its own script's answer, not under its page's.
 */
export const WASM_POLICY = policy("'self' 'wasm-unsafe-eval'");

/** For a page that holds styles: those of exactly this text, and no other. @param hash SHA-256, in base64 */
export const policyWithStyles = (hash: string): string => policy("'self'", `'self' 'sha256-${hash}'`);

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  // pages of other origins that are allowed ask by CORS, which this does not touch
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
};

/** On every answer, error or not. What is not meant to be kept says so itself later. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set(SECURITY_HEADERS);
  response.set('Cache-Control', 'no-store');
  next();
};
