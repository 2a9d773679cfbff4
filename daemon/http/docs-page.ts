import { PROBLEMS } from './problems.ts';

/** The few parts of an OpenAPI document that the page shows. */
interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: object;
  readonly components?: { readonly schemas?: object };
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: object;
  }[];
  readonly requestBody?: { readonly content?: object };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: object }>>;
}

/** Plain HTML without scripts: works everywhere, and under the strictest content policy. */
export function docsPage({ info, paths = {}, components = {} }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => section(method, path, operation)),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${asText(info.title)}: API</title>
<link rel="stylesheet" href="/api/docs.css">
<main>
<h1>${asText(info.title)} <small>${asText(info.version)}</small></h1>
<p>${asText(info.description ?? '')} The same for programs: <a href="/api/openapi.json">OpenAPI 3.1</a>.</p>
${operations.join('\n')}
<h2>Shapes</h2>
${Object.entries(components.schemas ?? {})
  .map(([name, schema]) => details(name, schema as object))
  .join('\n')}
<h2 id="problems">Problems</h2>
<table><tr><th>code<th>status<th>meaning${problemRows()}</table>
</main>
</html>
`;
}

function section(method: string, path: string, operation: Operation): string {
  const { summary = '', description = '', parameters = [], requestBody, responses = {} } = operation;
  const rows = parameters.map(
    ({ name, in: place, required = false, schema = {} }) =>
      `<tr><td><code>${asText(name)}</code><td>${asText(place)}${required ? ', required' : ''}<td><code>${asText(JSON.stringify(schema))}</code>`,
  );
  const answers = Object.entries(responses).map(([status, answer]) => details(`Answer ${status}`, answer.content));
  return `<section>
<h2><span class="method">${asText(method.toUpperCase())}</span> <code>${asText(path)}</code></h2>
<p>${asText(summary)}. ${asText(description)}</p>
${rows.length === 0 ? '' : `<table><tr><th>parameter<th>in<th>schema${rows.join('')}</table>`}
${details('Body', requestBody?.content)}
${answers.join('\n')}
</section>`;
}

function details(title: string, content: object | undefined): string {
  if (content === undefined) return '';
  return `<details><summary>${asText(title)}</summary><pre>${asText(JSON.stringify(content, null, 2))}</pre></details>`;
}

function problemRows(): string {
  return Object.entries(PROBLEMS)
    .map(([code, { status, title }]) => `<tr><td><code>${asText(code)}</code><td>${status}<td>${asText(title)}`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function asText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

export const DOCS_CSS = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid #8888; margin-top: 1.5rem; }
h2 { font-size: 1.1rem; overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4rem; font-weight: 700; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid #8886; padding: 0.2rem 0.5rem; text-align: left; vertical-align: top; }
pre { overflow-x: auto; background: #8881; padding: 0.5rem; }
`;
