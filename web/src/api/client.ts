// Asking the server: every request and every refusal passes here.
//
// Numbers keep the digits that the meter gave: one that a double would show otherwise ("41.80", 19 digits) comes as text.
import type { paths } from './schema';

type Method = 'get' | 'post' | 'patch' | 'put' | 'delete';
type At<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Content<R> = R extends { content: { 'application/json': infer A } } ? A : unknown;

/** What the server answers to a method of a path of the description: `Answer<'/api/v1/devices', 'get'>`. */
export type Answer<P extends keyof paths, M extends Method = 'get'> = At<P, M> extends { responses: infer R }
  ? Content<R[keyof R & '2XX']>
  : never;

/** One row of a list. */
export type Row<P extends keyof paths> = Answer<P> extends { items: (infer T)[] } ? T : never;

export interface WrongField {
  field: string;
  message: string;
}

/** A refusal in words for a person; programs look at `code` (docs/api.md). Its message is what is wrong with the fields, where some are. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: WrongField[] = [],
    /** The row as it is now, where somebody was faster (409 `changed`). */
    readonly current?: unknown,
    readonly retryAfter?: number,
    /** The whole answer, for refusals that say more (which rows, how many devices). */
    readonly beside: Record<string, unknown> = {},
  ) {
    super([...new Set(fields.map((f) => f.message))].slice(0, 5).join('; ') || message);
  }
}

export type Query = Record<string, string | number | boolean | undefined | null | (string | number)[]>;

let csrf = '';
let language = 'ru';
let signedOut: () => void = () => {};

export function setCsrf(word: string) {
  csrf = word;
}
export function setRequestLanguage(lang: string) {
  language = lang;
}
/** Called when the server no longer knows us. */
export function onSignedOut(callback: () => void) {
  signedOut = callback;
}

export function address(path: string, query?: Query): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== null && value !== '')
      words.set(name, Array.isArray(value) ? value.join(',') : String(value));
  const text = words.toString();
  return `${path.startsWith('/api/') || !path.startsWith('/') ? path : `/api/v1${path}`}${text ? `?${text}` : ''}`;
}

/** Exact numbers: what a double would spell otherwise stays as the text that came. */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, function (_key: string, value: unknown, context?: { source?: string }) {
    return typeof value === 'number' && context?.source !== undefined && context.source !== String(value) ? context.source : value;
  } as (key: string, value: unknown) => unknown);
}

async function refusal(response: Response): Promise<ApiError> {
  try {
    const body = JSON.parse(await response.text());
    const { error, current } = body;
    return new ApiError(response.status, error.code, error.message, error.fields ?? [], current ?? error.current,
      Number(response.headers.get('Retry-After')) || undefined, body);
  } catch {
    return new ApiError(response.status, 'unreadable', `HTTP ${response.status}`);
  }
}

async function send(method: string, path: string, query?: Query, body?: unknown, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  headers.set('Accept-Language', language);
  if (method !== 'GET') headers.set('X-Svod-Csrf', csrf);
  if (body !== undefined && !(body instanceof Blob)) headers.set('Content-Type', 'application/json');
  let response: Response;
  try {
    response = await fetch(address(path, query), {
      ...init, method, headers, credentials: 'same-origin',
      body: body === undefined ? undefined : body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e;
    throw new ApiError(0, 'unreached', language === 'en' ? 'The server does not answer' : 'Сервер не отвечает');
  }
  if (response.ok) return response;
  const why = await refusal(response);
  if (why.code === 'sign-in-required') signedOut();
  throw why;
}

/** Asks and reads JSON. Paths are relative to /api/v1. `T` is usually an `Answer<...>`. */
async function ask<T>(method: string, path: string, query?: Query, body?: unknown, init?: RequestInit): Promise<T> {
  const response = await send(method, path, query, body, init);
  return parseExactly(await response.text()) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => ask<T>('GET', path, query, undefined, { signal }),
  post: <T = unknown>(path: string, body: unknown = {}, headers?: HeadersInit) => ask<T>('POST', path, undefined, body, { headers }),
  patch: <T = unknown>(path: string, body: unknown) => ask<T>('PATCH', path, undefined, body),
  put: <T = unknown>(path: string, body: unknown) => ask<T>('PUT', path, undefined, body),
  delete: <T = unknown>(path: string, query?: Query, body?: unknown) => ask<T>('DELETE', path, query, body),
  /** A file sent as it is (import). The answer is left to the caller: it may be JSON or a workbook. */
  upload: (path: string, file: Blob, query?: Query) => send('POST', path, query, file),
  /** An answer as a file in the browser's downloads, named by the server. */
  download: async (path: string, query?: Query, method: 'GET' | 'POST' = 'GET', body?: unknown) => {
    const response = await send(method, path, query, body);
    saveBlob(await response.blob(), fileName(response) ?? path.split('/').pop() ?? 'svod');
  },
};

function fileName(response: Response): string | undefined {
  return /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1];
}

export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
