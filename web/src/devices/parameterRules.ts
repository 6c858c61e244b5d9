// Which parameters depend on others (the driver says so), and what S3 table 3 advises for DLMS.
import type { Parameter } from './registry';

type Values = Record<string, string | undefined>;

/** Whether the parameter has a say while the others are so. */
export function isAsked(parameter: Parameter, values: Values): boolean {
  return !parameter.when?.parameter || !parameter.when.is_not.includes(values[parameter.when.parameter] ?? '');
}

export interface Advice {
  value: string;
  /** Key of the sentence in the dictionary "protocols". */
  why: string;
}

/** «Для аутентификации High — клиент 48, для Low — 32» (S3 table 3). */
export function adviceFor(driver: string, values: Values): Record<string, Advice | undefined> {
  if (driver !== 'spodes') return {};
  const client = values.security === 'high' ? '48' : values.security === 'low' ? '32' : undefined;
  return { client: client && values.client !== client ? { value: client, why: values.security === 'high' ? 'advice.clientHigh' : 'advice.clientLow' } : undefined };
}
