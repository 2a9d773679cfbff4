import type { App } from '../app-type.ts';
import { DOCS_CSS, docsPage } from '../docs-page.ts';

const POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The API described by itself: for programs, and as a page to read. Made when first asked for. */
export function docsRoutes(app: App): void {
  app.get('/api/openapi.json', { config: { access: 'viewer' }, schema: { hide: true } }, async () => app.swagger());
  app.get('/api/docs', { config: { access: 'viewer' }, schema: { hide: true } }, async (_request, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(docsPage(app.swagger())),
  );
  app.get('/api/docs.css', { config: { access: 'viewer' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(DOCS_CSS),
  );
}
