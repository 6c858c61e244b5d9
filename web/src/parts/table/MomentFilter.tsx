// The filter of a column of moments, in its head: from which day to which.
import { Button, Flex, Input } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { today, type Days } from './moments';

interface Props {
  title: string;
  value: Days;
  onChange: (days: Days) => void;
  onDone: () => void;
}

/** The browser's own boxes for days: a calendar over a list that opens over a head would not fit the screen. */
export function MomentFilter({ title, value, onChange, onDone }: Props) {
  const { t } = useTranslation('app');
  const [days, setDays] = useState(value);
  useEffect(() => setDays({ from: value.from, to: value.to }), [value.from, value.to]);
  const put = (next: Days) => {
    setDays(next);
    if (![next.from, next.to].some((day) => day && day < '1900')) onChange(next); // a year that is being typed begins with noughts
  };
  const box = (end: 'from' | 'to') => (
    <Input type="date" value={days[end] ?? ''} max="9999-12-31" aria-label={`${title}: ${t(`table.${end}Day`)}`} prefix={t(`table.${end}Day`)} onPressEnter={onDone}
      onChange={(e) => put({ ...days, [end]: e.target.value || undefined })} />
  );
  return (
    <Flex vertical gap={8} style={{ padding: 8, width: 230 }} data-testid="moment-filter" onKeyDown={(e) => e.key !== 'Escape' && e.stopPropagation()}>
      <Flex gap={4}>
        {([['today', 0], ['week', 6], ['month', 29]] as const).map(([word, back]) => <Button key={word} size="small" onClick={() => put({ from: today(-back), to: today() })}>{t(`table.${word}`)}</Button>)}
      </Flex>
      {box('from')}
      {box('to')}
      <Flex gap={8} justify="space-between">
        <Button size="small" type="link" disabled={!days.from && !days.to} onClick={() => put({})}>{t('clear')}</Button>
        <Button size="small" type="primary" onClick={onDone}>{t('close')}</Button>
      </Flex>
    </Flex>
  );
}
