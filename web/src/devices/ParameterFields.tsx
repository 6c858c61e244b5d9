// What a driver is told: fields made from the driver's own description (S3 2.2.13, table 3). Values are texts, as the API has them;
// an empty field leaves the preset (or the profile's value) in force, which stands in it as a hint.
import { Button, Flex, Form, Input, InputNumber, Select, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Driver, Parameter } from './registry';
import { adviceFor, isAsked } from './parameterRules';

type Values = Record<string, string | undefined>;

interface FieldProps {
  parameter: Parameter;
  /** What is in force while the field is empty. */
  beneath: string;
  value?: string;
  onChange?: (value: string | undefined) => void;
  id?: string;
}

/** A stored secret never comes here: it is kept, replaced or removed. */
function SecretInput({ value, onChange, id, beneath }: FieldProps) {
  const { t } = useTranslation('protocols');
  const [typing, setTyping] = useState(false);
  if (value === '***' && !typing)
    return (
      <Flex align="center" gap={8} style={{ minHeight: 28 }}>
        <Tag style={{ margin: 0 }}>{t('secret.stored')}</Tag>
        <Button size="small" id={id} onClick={() => { setTyping(true); onChange?.(undefined); }}>{t('secret.replace')}</Button>
      </Flex>
    );
  return <Input.Password id={id} value={value} onChange={(e) => onChange?.(e.target.value || undefined)} autoComplete="new-password" placeholder={beneath ? t('secret.beneath') : undefined} />;
}

export function ParameterInput(props: FieldProps) {
  const { parameter, beneath, value, onChange, id } = props;
  const { t } = useTranslation('protocols');
  const hint = beneath === '' ? undefined : t('preset', { value: beneath });
  if (parameter.secret) return <SecretInput {...props} />;
  if (parameter.kind === 'choice')
    return <Select id={id} allowClear value={value} placeholder={hint} onChange={(next?: string) => onChange?.(next)} options={parameter.choices.map((word) => ({ value: word, label: word }))} />;
  if (parameter.kind === 'number')
    return <InputNumber id={id} value={value === undefined || value === '' ? null : Number(value)} min={parameter.least} max={parameter.most} precision={0} placeholder={hint} style={{ width: '100%' }}
      onChange={(next) => onChange?.(next === null ? undefined : String(next))} />;
  return <Input id={id} value={value} placeholder={hint} onChange={(e) => onChange?.(e.target.value || undefined)} allowClear />;
}

interface ParameterFieldsProps {
  driver: Driver;
  /** Where the map stands in the form. */
  name?: string;
  /** A profile's values beneath (a line's own parameters); presets otherwise. */
  beneath?: Values;
  /** Without the parameter that a line's address replaces. */
  withoutAddress?: boolean;
}

/** Fields that the others leave a say: those of HDLC are gone where the transport is the wrapper, keys where nothing is protected. */
export function ParameterFields({ driver, name = 'parameters', beneath, withoutAddress }: ParameterFieldsProps) {
  const { t } = useTranslation('protocols');
  const form = Form.useFormInstance();
  const typed = (Form.useWatch<Values | undefined>(name) ?? {}) as Values;
  const inForce = (parameter: Parameter) => beneath?.[parameter.name] ?? parameter.preset;
  const values: Values = Object.fromEntries(driver.parameters.map((parameter) => [parameter.name, typed[parameter.name] ?? inForce(parameter)]));
  const advice = adviceFor(driver.name, values);
  const asked = driver.parameters.filter((parameter) => !(withoutAddress && parameter.address) && (isAsked(parameter, values) || typed[parameter.name] !== undefined));
  const parts = [...new Map(asked.map((parameter) => [parameter.part, parameter.part_title]))];
  return parts.map(([part, title]) => (
    <section key={part} aria-label={title || undefined}>
      {title && parts.length > 1 && <h3 className="part">{title}</h3>}
      <div className="fields">
        {asked.filter((parameter) => parameter.part === part).map((parameter) => (
          <Form.Item key={parameter.name} name={[name, parameter.name]} label={parameter.title} tooltip={parameter.help || undefined}
            extra={advice[parameter.name] && (
              <Button type="link" size="small" style={{ padding: 0, height: 'auto', whiteSpace: 'normal', textAlign: 'start' }} onClick={() => form.setFieldValue([name, parameter.name], advice[parameter.name]!.value)}>
                {t(advice[parameter.name]!.why, { value: advice[parameter.name]!.value })}
              </Button>
            )}>
            <ParameterInput parameter={parameter} beneath={inForce(parameter)} />
          </Form.Item>
        ))}
      </div>
    </section>
  ));
}

/** The map as it is sent: what was emptied is left out. */
export const filledParameters = (map: Values | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(map ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''));
