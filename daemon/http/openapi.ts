import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from './access.ts';
import { problem } from './wire.ts';

/** Every failing answer of every route. */
export const failures = {
  default: {
    description: 'A problem (RFC 9457); `code` says which',
    content: { 'application/problem+json': { schema: problem } },
  },
};

export const nothing = z.undefined().describe('No body');

export function openApiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'VoltSafe Hub',
        version,
        description: 'Switches what the supply of the home can carry, and refuses the rest.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'From "voltsafe token create" or POST /api/tokens' },
        },
      },
      security: [{ token: [] }],
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document);
      return { schema: { ...schema, ...accessOf(document.route.config?.access) }, url };
    },
    transformObject: (document) => withoutInputs(jsonSchemaTransformObject(document)),
  };
}

const ACCESS: Readonly<Record<Access, string>> = {
  viewer: 'Role: viewer or above.',
  operator: 'Role: operator or above.',
  admin: 'Role: admin.',
  open: 'Open to anyone; failed attempts are limited.',
  probe: 'Open on the hub itself; from elsewhere the role viewer is needed.',
};

function accessOf(access: Access | undefined) {
  if (access === undefined) return {};
  return { description: ACCESS[access], ...(access === 'open' ? { security: [] } : {}) };
}

type Description = ReturnType<typeof jsonSchemaTransformObject>;

/** What clients send over the live feed, where no route has a body for it: described as they write it. */
const SENT = 'LockVerb';

/** Named shapes are ones that the hub sends; their doubles for requests describe nothing. */
function withoutInputs(description: Description): Description {
  const schemas = 'components' in description ? description.components?.schemas : undefined;
  const sent = schemas?.[`${SENT}Input`];
  if (schemas !== undefined && sent !== undefined) schemas[SENT] = sent;
  for (const name of Object.keys(schemas ?? {}))
    if (schemas !== undefined && name.endsWith('Input')) delete schemas[name];
  return description;
}
