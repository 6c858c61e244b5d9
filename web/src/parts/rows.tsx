// Rows that are listed, added, changed and deleted in a dialog: one list and one dialog for every kind.
// Words of a kind stand in its namespace under its own name: add, edit, empty, deleteTitle ({{title}}); fields under field.*.
import { DeleteOutlined, EditOutlined, PlusOutlined, PoweroffOutlined } from '@ant-design/icons';
import type { UseQueryResult } from '@tanstack/react-query';
import { Alert, App, Button, Empty, Form, type FormInstance } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import type { MenuItems } from '../devices/actions';
import { useAct, useDestructive } from './acts';
import { useCarefulSave } from './changed';
import { FormDialog } from './forms';
import { DataTable, type Selection } from './table/DataTable';
import type { Column } from './table/columns';

interface Row {
  id: number;
  revision: number;
  enabled?: boolean;
}

interface RowListProps<R extends Row> {
  /** "mqtt:brokers": namespace and section of the words; with a dot between, the table's name. */
  words: string;
  /** "/mqtt/brokers": a row is path/id. */
  path: string;
  query: Pick<UseQueryResult<{ items: R[] }>, 'data' | 'error' | 'isPending'>;
  columns: Column<R>[];
  /** The column that opens the dialog by a press. */
  opens: string;
  titleOf: (row: R) => string;
  /** Permissions to change and to delete. */
  write: Parameters<ReturnType<typeof useMay>>[0];
  drop: Parameters<ReturnType<typeof useMay>>[0];
  /** Lists that show these rows ask again. */
  changed: () => Promise<unknown>;
  dialog: (row: R | undefined, close: () => void) => ReactNode;
  /** Items before «edit». */
  menu?: (row: R, act: (work: () => Promise<unknown>, done: string) => void) => MenuItems;
  /** A row has `enabled`: the menu switches it. */
  switched?: boolean;
  deleteHint?: (row: R) => ReactNode;
  /** What must be there before a row can be added; told instead of "empty". */
  missing?: string;
  searchable?: boolean;
  prefix?: string;
  hint?: ReactNode;
}

export function RowList<R extends Row>(props: RowListProps<R>) {
  const { words, path, query, columns, opens, titleOf, changed } = props;
  const [space, section] = words.split(':');
  const { t } = useTranslation(space);
  const may = useMay();
  const act = useAct();
  const destructive = useDestructive();
  const [open, setOpen] = useState<{ row?: R }>();
  const write = may(props.write);
  const done = async (work: Promise<unknown>) => {
    await work;
    await changed();
  };
  const told = (work: () => Promise<unknown>, said: string) => void act(() => done(work()), said);
  const remove = (row: R) => destructive({
    title: t(`${section}.deleteTitle`, { title: titleOf(row) }), content: props.deleteHint?.(row), okText: t('app:delete'), act: () => done(api.delete(`${path}/${row.id}`)), done: t('app:saved'),
  });
  /** One after the other: some may be in use and stay; the rest goes, and the first reason is told. */
  const removeAll = async (rows: R[]) => {
    const refused: unknown[] = [];
    for (const row of rows) await api.delete(`${path}/${row.id}`).catch((e: unknown) => refused.push(e));
    await changed();
    if (refused.length) throw new Error(t('app:notDeleted', { count: refused.length, why: refused[0] instanceof Error ? refused[0].message : String(refused[0]) }));
  };
  const removeMany = (rows: R[], clear: () => void) => destructive({
    title: t('app:deleteManyTitle', { count: rows.length }), content: rows.slice(0, 10).map(titleOf).join(', ') + (rows.length > 10 ? '…' : ''), okText: t('app:delete'), done: t('app:saved'),
    act: () => removeAll(rows).finally(clear),
  });
  const menu = (rows: R[], selection: Selection<R>): MenuItems => (rows.length > 1
    ? may(props.drop) ? [{ key: 'delete', danger: true, icon: <DeleteOutlined />, label: t('app:deleteMany', { count: rows.length }), onClick: () => removeMany(rows, selection.clear) }] : []
    : menuOf(rows[0]));
  const menuOf = (row: R): MenuItems => [
    ...(props.menu?.(row, told) ?? []),
    ...(write ? [{ key: 'edit', icon: <EditOutlined />, label: t('app:edit'), onClick: () => setOpen({ row }) }] : []),
    ...(write && props.switched ? [{
      key: 'switch', icon: <PoweroffOutlined />, label: t(row.enabled ? 'app:switchOff' : 'app:switchOn'),
      onClick: () => told(() => api.patch(`${path}/${row.id}`, { revision: row.revision, enabled: !row.enabled }), t('app:saved')),
    }] : []),
    ...(may(props.drop) ? [{ key: 'delete', danger: true, icon: <DeleteOutlined />, label: t('app:delete'), onClick: () => remove(row) }] : []),
  ];
  const shown = columns.map((column) => (column.key === opens && write ? {
    ...column, text: column.text ?? titleOf,
    render: (row: R) => <Button type="link" size="small" style={{ padding: 0, height: 'auto', whiteSpace: 'normal', textAlign: 'left' }} onClick={() => setOpen({ row })}>{column.render ? column.render(row) : titleOf(row)}</Button>,
  } : column));
  return (
    <>
      {query.error && <Alert type="error" showIcon title={query.error.message} />}
      <DataTable<R> name={`${space}-${section}`} rows={query.data?.items ?? []} loading={query.isPending} columns={shown} menu={menu} onOpen={(row) => write && setOpen({ row })} searchable={props.searchable ?? false} prefix={props.prefix ?? section}
        selectable={may(props.drop)} actions={({ rows, clear }) => (
          <>
            {write && <Button type="primary" icon={<PlusOutlined />} disabled={!!props.missing} onClick={() => setOpen({})}>{t(`${section}.add`)}</Button>}
            {rows.length > 0 && <Button danger icon={<DeleteOutlined />} onClick={() => removeMany(rows, clear)}>{t('app:deleteMany', { count: rows.length })}</Button>}
          </>
        )}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={props.missing ?? t(`${section}.empty`)} />} />
      {props.hint && <span className="quiet">{props.hint}</span>}
      {open && props.dialog(open.row, () => setOpen(undefined))}
    </>
  );
}

interface RowDialogProps<R extends Row, V extends object> {
  words: string;
  path: string;
  /** The row that is changed; none: a new one. */
  row?: R;
  /** What a new row's form begins with. */
  preset: object;
  changed: () => Promise<unknown>;
  onClose: () => void;
  /** What is sent of what was typed. */
  body?: (values: V) => object;
  /** What the form shows of a row, where that is not the row itself. */
  valuesOf?: (row: R) => object;
  /** Name of a field for a person, where it is not field.*. */
  label?: (field: string) => string;
  secrets?: string[];
  width?: number;
  form?: FormInstance;
  children: ReactNode;
}

export function RowDialog<R extends Row, V extends object = Partial<R>>({ words, path, row, preset, changed, onClose, body, valuesOf, label, secrets, width = 560, form: given, children }: RowDialogProps<R, V>) {
  const [space, section] = words.split(':');
  const { t } = useTranslation(space);
  const { message } = App.useApp();
  const [own] = Form.useForm();
  const form = given ?? own;
  const [seen, setSeen] = useState(row);
  const careful = useCarefulSave();
  const save = async (values: V) => {
    const mine = body ? body(values) : values;
    if (seen) await careful<R>({ seen, mine, form, onTaken: setSeen, label: label ?? ((field) => t(`field.${field}`)), patch: (fields) => api.patch(`${path}/${seen.id}`, fields), fresh: () => api.get<R>(`${path}/${seen.id}`) });
    else await api.post(path, mine);
    await changed();
    void message.success(t('app:saved'));
  };
  return (
    <FormDialog<V> open onClose={onClose} title={t(`${section}.${row ? 'edit' : 'add'}`)} width={width} form={form as never} save={save} draft={`${space}.${section}.${row?.id ?? 'new'}`} secrets={secrets} initialValues={(row ? valuesOf?.(row) ?? row : preset) as never}>
      {children}
    </FormDialog>
  );
}
