// Which parameters of DLMS depend on others, and what S3 table 3 advises. The driver checks; this only spares a person fields
// that have no say.
type Values = Record<string, string | undefined>;
type Rule = (values: Values) => boolean;

const hdlc: Rule = (values) => values.transport !== 'wrapper';
const ciphered: Rule = (values) => (values.protection ?? 'none') !== 'none' || ['gmac', 'ecdsa'].includes(values.security ?? '');
const signed: Rule = (values) => values.security === 'ecdsa';

const rules: Record<string, Record<string, Rule>> = {
  spodes: {
    physical: hdlc, address_size: hdlc, info: hdlc, window: hdlc,
    password: (values) => ['low', 'high', 'md5', 'sha1', 'sha256'].includes(values.security ?? 'low'),
    suite: ciphered, dedicated: ciphered, general: ciphered, encryption_key: ciphered, authentication_key: ciphered, client_title: ciphered, server_title: ciphered, counter_object: ciphered,
    signing_key: signed, server_public: signed,
  },
};

/** Whether the parameter has a say while the others are so. */
export function isAsked(driver: string, parameter: string, values: Values): boolean {
  return rules[driver]?.[parameter]?.(values) ?? true;
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
