// Choice and order of a table's columns, kept per user.
import { ArrowDownOutlined, ArrowUpOutlined, TableOutlined } from '@ant-design/icons';
import { Button, Checkbox, Flex, Popover, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Column, ColumnChoice } from './columns';

interface Props<R> {
  columns: Column<R>[];
  choice: ColumnChoice | undefined;
  onChange: (choice: ColumnChoice | undefined) => void;
}

export function ColumnButton<R>({ columns, choice, onChange }: Props<R>) {
  const { t } = useTranslation('app');
  const now: ColumnChoice = choice ?? { order: columns.map((c) => c.key), hidden: columns.filter((c) => c.hidden).map((c) => c.key) };
  const order = [...now.order.filter((key) => columns.some((c) => c.key === key)), ...columns.map((c) => c.key).filter((key) => !now.order.includes(key))];
  const move = (at: number, by: number) => {
    const next = [...order];
    [next[at], next[at + by]] = [next[at + by], next[at]];
    onChange({ ...now, order: next });
  };
  const show = (key: string, shown: boolean) =>
    onChange({ order, hidden: shown ? now.hidden.filter((k) => k !== key) : [...now.hidden, key] });
  const list = (
    <div style={{ minWidth: 240, maxHeight: 420, overflow: 'auto' }}>
      {order.map((key, i) => {
        const title = columns.find((c) => c.key === key)!.title;
        return (
          <Flex key={key} align="center" gap={2}>
            <Checkbox checked={!now.hidden.includes(key)} onChange={(e) => show(key, e.target.checked)} style={{ flex: 1 }}>{title}</Checkbox>
            <Button size="small" type="text" icon={<ArrowUpOutlined />} aria-label={t('table.up', { title })} disabled={i === 0} onClick={() => move(i, -1)} />
            <Button size="small" type="text" icon={<ArrowDownOutlined />} aria-label={t('table.down', { title })} disabled={i === order.length - 1} onClick={() => move(i, 1)} />
          </Flex>
        );
      })}
      <Button size="small" type="link" onClick={() => onChange(undefined)}>{t('table.usual')}</Button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" content={list} title={t('table.columns')}>
      <Tooltip title={t('table.columns')}><Button icon={<TableOutlined />} aria-label={t('table.columns')} /></Tooltip>
    </Popover>
  );
}
