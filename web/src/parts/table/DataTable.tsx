// The table of the whole app: paging, sorting, filters and search in the address, columns as a person likes them, selection
// that survives paging, grouping by a column, a context menu, keyboard, export of what is shown.
//
// Keyboard: "/" search, arrows move, Space selects, Enter opens, Shift+F10 or the menu key opens the row's menu.
import { CloseOutlined, DownloadOutlined, MoreOutlined, ReloadOutlined } from '@ant-design/icons';
import { Alert, Badge, Button, Collapse, Dropdown, Empty, Input, Table, Tag, Tooltip, type MenuProps, type TableColumnType } from 'antd';
import { useCallback, useEffect, useRef, useState, type Key, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { api, type Query } from '../../api/client';
import { useSetting } from '../../api/session';
import { countText } from '../../app/format';
import { useAct } from '../acts';
import { ColumnButton } from './ColumnButton';
import { arrange, cellText, type Column, type ColumnChoice } from './columns';
import { MomentFilter } from './MomentFilter';
import { daysOf, daysText, withDays } from './moments';
import { useTableReach } from './reach';
import { allPages, listQuery, useLocalRows, useRemoteRows } from './rows';
import { useTableState, type TableState } from './useTableState';

type Items = Required<MenuProps>['items'];

export interface Selection<R> {
  keys: Key[];
  /** Rows of the keys that were seen. */
  rows: R[];
  clear: () => void;
}

export interface DataTableProps<R> {
  /** Key of the person's choice of columns, and what tests call it by. */
  name: string;
  columns: Column<R>[];
  /** A list of the server ("/devices"), asked page by page… */
  path?: string;
  /** …with this beside the table's own query. */
  query?: Query;
  /** Or all rows at once: sorted, searched and paged here. */
  rows?: R[];
  loading?: boolean;
  rowKey?: (row: R) => Key;
  searchable?: boolean | string;
  selectable?: boolean;
  /** Of these rows alone; without it of all. */
  selects?: (row: R) => boolean;
  /** Rows that are selected when the table appears. */
  chosen?: R[];
  /** How many are selected, in words of the page. */
  selectedText?: (count: number) => string;
  /** Buttons at the left of the bar; they see what is selected. */
  actions?: (selection: Selection<R>) => ReactNode;
  /** The row's menu: by the button, right click and keyboard. `rows` is the selection, or the row alone. */
  menu?: (rows: R[], selection: Selection<R>) => Items;
  onOpen?: (row: R) => void;
  expand?: (row: R) => ReactNode;
  /** Downloads of what is shown: the query is the table's without paging. */
  exports?: { key: string; label: string; run: (query: Query) => Promise<unknown> }[];
  /** Where counts by a column are asked: GET path?by=<column> → {items: [{value, title, count}]}. */
  groupsPath?: string;
  /** What to say, and do, when there is nothing at all. */
  empty?: ReactNode;
  /** Keeps two tables of one page apart in the address. */
  prefix?: string;
  dense?: boolean;
}

const idOf = (row: unknown): Key => (row as { id: number }).id;

function useSelection<R>(rowKey: (row: R) => Key, chosen: R[] = []): [Selection<R>, (keys: Key[], rows: R[]) => void] {
  const [kept, setKept] = useState<Map<Key, R>>(() => new Map(chosen.map((row) => [rowKey(row), row])));
  const choose = useCallback((keys: Key[], rows: R[]) => {
    setKept((former) => {
      const seen = new Map(former);
      for (const row of rows) if (row !== undefined) seen.set(rowKey(row), row);
      return new Map(keys.flatMap((key): [Key, R][] => (seen.has(key) ? [[key, seen.get(key)!]] : [])));
    });
  }, [rowKey]);
  const clear = useCallback(() => setKept(new Map()), []);
  return [{ keys: [...kept.keys()], rows: [...kept.values()], clear }, choose];
}

/** As many as the server takes of one change. */
const selectMost = 10_000;

/** Once the page is chosen whole: all that the list has found, on other pages, too. */
function SelectFound<R>({ path, query, total, shown, selection, choose, rowKey }: {
  path: string; query: Query; total: number; shown: R[]; selection: Selection<R>; choose: (keys: Key[], rows: R[]) => void; rowKey: (row: R) => Key;
}) {
  const { t } = useTranslation('app');
  const act = useAct();
  const [busy, setBusy] = useState(false);
  const chosen = new Set(selection.keys);
  const count = Math.min(total, selectMost);
  if (shown.length === 0 || total <= shown.length || selection.keys.length >= count || !shown.every((row) => chosen.has(rowKey(row)))) return null;
  const all = () => act(async () => {
    setBusy(true);
    try {
      const found: R[] = [];
      for await (const rows of allPages<R>(path, query, selectMost)) found.push(...rows);
      choose([...new Set([...selection.keys, ...found.map(rowKey)])], found);
    } finally {
      setBusy(false);
    }
  });
  return <Button type="link" size="small" loading={busy} onClick={() => void all()}>{t(count < total ? 'table.selectFirst' : 'table.selectFound', { first: countText(count), total: countText(total) })}</Button>;
}

/** A typed search waits for a pause. */
function SearchBox({ state, change, hint }: { state: TableState; change: (part: Partial<TableState>) => void; hint: string }) {
  const { t } = useTranslation('app');
  const [text, setText] = useState(state.search);
  const box = useRef<{ focus: () => void }>(null);
  useEffect(() => setText(state.search), [state.search]);
  useEffect(() => {
    if (text === state.search) return;
    const wait = setTimeout(() => change({ search: text }), 300);
    return () => clearTimeout(wait);
  }, [text, state.search, change]);
  useEffect(() => {
    const slash = (event: globalThis.KeyboardEvent) => {
      const at = event.target as HTMLElement;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable) return;
      event.preventDefault();
      box.current?.focus();
    };
    addEventListener('keydown', slash);
    return () => removeEventListener('keydown', slash);
  }, []);
  return <Input.Search ref={box as never} value={text} allowClear placeholder={hint} aria-label={t('table.search')} style={{ width: 260, maxWidth: '100%' }}
    onChange={(e) => setText(e.target.value)} onSearch={(value) => change({ search: value })} />;
}

/** Where a column is dropped to group by it; a list does the same without a mouse. */
function GroupBar<R>({ columns, state, change }: { columns: Column<R>[]; state: TableState; change: (part: Partial<TableState>) => void }) {
  const { t } = useTranslation('app');
  const groupable = columns.filter((column) => column.groupable);
  const by = groupable.find((column) => column.key === state.group);
  if (groupable.length === 0) return null;
  return (
    <div className="toolbar" data-testid="group-bar" onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        const key = e.dataTransfer.getData('text/svod-column');
        if (groupable.some((column) => column.key === key)) change({ group: key });
      }}
      style={{ minHeight: 28, padding: '0 8px', border: '1px dashed var(--svod-color-border)', borderRadius: 5, fontSize: 13 }}>
      {by ? <Tag closable closeIcon={<CloseOutlined aria-label={t('table.ungroup')} />} onClose={() => change({ group: undefined })}>{t('table.groupedBy', { title: by.title })}</Tag>
        : (
          <Dropdown trigger={['click']} menu={{ items: groupable.map((c) => ({ key: c.key, label: c.title, onClick: () => change({ group: c.key }) })) }}>
            <Button type="text" size="small">{t('table.groupHint')}</Button>
          </Dropdown>
        )}
    </div>
  );
}

interface Group {
  value: string;
  title?: string;
  count: number;
}

/** The rows below a heading each; a group's rows are asked when it is opened. */
function Grouped<R extends object>(props: DataTableProps<R> & { by: Column<R>; state: TableState }) {
  const { by, state, groupsPath, ...rest } = props;
  const { t } = useTranslation('app');
  const query = { ...listQuery(state, rest.query), by: by.key, sort: undefined, order: undefined };
  const remote = useQuery({ queryKey: [groupsPath, query], enabled: !!groupsPath && !rest.rows, queryFn: () => api.get<{ items: Group[] }>(groupsPath!, query) });
  const local = useLocalRows(rest.rows, rest.columns, { ...state, size: Infinity, page: 1 });
  let groups = remote.data?.items;
  if (rest.rows) {
    const counts = new Map<string, number>();
    for (const row of local.found) counts.set(String(cellText(by, row)), (counts.get(String(cellText(by, row))) ?? 0) + 1);
    groups = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([value, count]) => ({ value, count }));
  }
  if (remote.error) return <Alert type="error" showIcon title={remote.error.message} />;
  return (
    <Collapse destroyOnHidden items={(groups ?? []).map((group) => ({
      key: group.value,
      label: <span>{by.title}: <b>{group.title || group.value || t('table.without')}</b> <Badge count={group.count} overflowCount={9_999_999} color="#595959" showZero /></span>,
      children: <DataTable<R> {...rest} name={rest.name} prefix={`${by.key}-${group.value}.`} dense searchable={false}
        columns={rest.columns.map((c) => ({ ...c, groupable: false }))}
        query={rest.rows ? undefined : { ...listQuery(state, rest.query), [by.key]: group.value, sort: undefined, order: undefined }}
        rows={rest.rows && local.found.filter((row) => String(cellText(by, row)) === group.value)} />,
    }))} />
  );
}

/** The head of a column of moments: a range of days. */
function momentFilter<R>(column: Column<R>, state: TableState, change: (part: Partial<TableState>) => void): Partial<TableColumnType<R>> {
  const value = daysOf(state.filters, column.key);
  return {
    filtered: daysText(value) !== '',
    filterDropdown: ({ close }) => (
      <MomentFilter title={column.title} value={value} onDone={close} onChange={(days) => change({ filters: withDays(state.filters, column.key, days) })} />
    ),
  };
}

export function DataTable<R extends object>(props: DataTableProps<R>) {
  const { name, columns, path, query, rows, rowKey = idOf, menu, onOpen, dense } = props;
  const { t } = useTranslation('app');
  const act = useAct();
  const [state, change] = useTableState(props.prefix);
  const [choice, setChoice] = useSetting<ColumnChoice | undefined>(`table.${name}`, undefined);
  const [selection, choose] = useSelection<R>(rowKey, props.chosen);
  const remote = useRemoteRows<R>(path, state, query);
  const local = useLocalRows(rows, columns, state);
  const { items, total } = rows ? local : remote;
  const [focused, setFocused] = useState(-1);
  const [open, setOpen] = useState<{ row: R; x: number; y: number }>();
  const frame = useRef<HTMLDivElement>(null);
  const shown = arrange(columns, choice);
  const by = columns.find((column) => column.groupable && column.key === state.group);

  const concerned = (row: R) => (selection.keys.includes(rowKey(row)) ? selection.rows : [row]);
  const toggle = (row: R) => {
    const key = rowKey(row);
    choose(selection.keys.includes(key) ? selection.keys.filter((k) => k !== key) : [...selection.keys, key], [row]);
  };
  const openMenu = (row: R, x: number, y: number) => menu && setOpen({ row, x, y });

  const keyboard = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest('input, textarea, [role="combobox"], thead')) return;
    const row = items[focused];
    const steps: Record<string, () => void> = {
      ArrowDown: () => setFocused(Math.min(items.length - 1, focused + 1)),
      ArrowUp: () => setFocused(Math.max(0, focused - 1)),
      ' ': () => row && props.selectable && (props.selects?.(row) ?? true) && toggle(row),
      Enter: () => row && (event.target as HTMLElement).closest('a, button') === null && onOpen?.(row),
      ContextMenu: () => row && menuOfFocused(row),
      F10: () => row && event.shiftKey && menuOfFocused(row),
    };
    const step = steps[event.key];
    if (!step || (event.key === 'Enter' && (event.target as HTMLElement).closest('a, button'))) return;
    event.preventDefault();
    step();
  };
  const menuOfFocused = (row: R) => {
    const at = frame.current?.querySelector('tr.row-focused')?.getBoundingClientRect();
    if (at) openMenu(row, at.left + 60, at.bottom);
  };
  useEffect(() => {
    frame.current?.querySelector('tr.row-focused')?.scrollIntoView({ block: 'nearest' });
  }, [focused]);

  useTableReach(frame);

  const heads: TableColumnType<R>[] = shown.map((column) => ({
    key: column.key,
    title: column.groupable && !dense
      ? <span draggable onDragStart={(e) => e.dataTransfer.setData('text/svod-column', column.key)}>{column.title}</span> : column.title,
    className: column.number ? 'number' : undefined,
    width: column.width,
    ellipsis: column.render ? false : { showTitle: true },
    sorter: column.sortable ?? false,
    sortOrder: state.sort === column.key ? (state.order === 'desc' ? 'descend' : 'ascend') : null,
    filters: column.filter?.map((f) => ({ text: f.label, value: f.value })),
    filterMultiple: false,
    filteredValue: column.filter ? (state.filters[column.key] !== undefined ? [state.filters[column.key]] : null) : undefined,
    ...(column.moment && !dense ? momentFilter(column, state, change) : {}),
    render: (_: unknown, row: R) => (column.render ? column.render(row) : cellText(column, row)),
  }));
  if (menu)
    heads.push({
      key: 'menu', width: 44, fixed: 'right', title: <span className="unseen">{t('table.menu')}</span>,
      render: (_: unknown, row: R) => <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t('table.menu')}
        onClick={(e) => { e.stopPropagation(); const at = e.currentTarget.getBoundingClientRect(); openMenu(row, at.left, at.bottom); }} />,
    });

  const filtered = state.search !== '' || Object.keys(state.filters).length > 0;
  const chosenTags = columns.flatMap((column) => {
    const value = state.filters[column.key];
    const words = column.moment ? daysText(daysOf(state.filters, column.key)) : column.filter && value !== undefined ? column.filter.find((f) => f.value === value)?.label ?? value : '';
    const without = () => { const { [column.key]: _, ...rest } = withDays(state.filters, column.key, {}); return rest; };
    return words ? [<Tag key={column.key} closable onClose={() => change({ filters: without() })}>{column.title}: {words}</Tag>] : [];
  });

  return (
    <div ref={frame} data-testid={`table-${name}`} style={{ display: 'flex', flexDirection: 'column', gap: 8, minWidth: 0 }}>
      {!dense && (
        <div className="toolbar">
          {props.actions?.(selection)}
          {selection.keys.length > 0 && (
            <Tag closable onClose={selection.clear} color="blue" data-testid="selected">{props.selectedText?.(selection.keys.length) ?? t('table.selected', { count: selection.keys.length })}</Tag>
          )}
          {props.selectable && path && <SelectFound path={path} query={listQuery(state, query)} total={total} shown={items} selection={selection} choose={choose} rowKey={rowKey} />}
          <span className="grow" />
          {chosenTags}
          {props.searchable !== false && <SearchBox state={state} change={change} hint={typeof props.searchable === 'string' ? props.searchable : t('table.searchHint')} />}
          {path && <Tooltip title={t('table.refresh')}><Button icon={<ReloadOutlined />} aria-label={t('table.refresh')} onClick={remote.refresh} /></Tooltip>}
          {props.exports && props.exports.length > 0 && (
            <Dropdown trigger={['click']} menu={{ items: props.exports.map((e) => ({ key: e.key, label: e.label, onClick: () => void act(() => e.run(listQuery(state, query))) })) }}>
              <Tooltip title={t('table.export')}><Button icon={<DownloadOutlined />} aria-label={t('table.export')} /></Tooltip>
            </Dropdown>
          )}
          <ColumnButton columns={columns} choice={choice} onChange={setChoice} />
        </div>
      )}
      {!dense && <GroupBar columns={columns} state={state} change={change} />}
      {remote.error && <Alert type="error" showIcon title={remote.error.message} action={<Button size="small" onClick={remote.refresh}>{t('retry')}</Button>} />}
      {by ? <Grouped {...props} by={by} state={state} /> : (
        <div onKeyDown={keyboard} role="group" aria-label={t('table.rows')} style={{ minWidth: 0 }}
          onBlur={(e) => { if (!e.currentTarget.contains(e.relatedTarget)) setFocused(-1); }}>
          <Table<R>
            size="small" bordered={false} dataSource={items} columns={heads} rowKey={rowKey} scroll={{ x: 'max-content' }} sticky={dense ? false : { offsetHeader: 48 }}
            loading={{ spinning: !!(props.loading || (path && remote.loading)), delay: 300 }} showSorterTooltip={false}
            locale={{ emptyText: filtered ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('table.nothingFound')} />
              : props.empty ?? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('table.empty')} /> }}
            rowSelection={props.selectable ? {
              selectedRowKeys: selection.keys, preserveSelectedRowKeys: true, onChange: (keys, chosen) => choose(keys, chosen),
              getCheckboxProps: (row) => ({ 'aria-label': `${t('table.select')} ${cellText(columns[0], row)}`, disabled: !(props.selects?.(row) ?? true) }) as never,
            } : undefined}
            expandable={props.expand ? { expandedRowRender: props.expand } : undefined}
            rowClassName={(_, i) => (i === focused ? 'row-focused' : '')}
            onRow={(row, i) => ({
              onClick: () => setFocused(i ?? -1),
              onDoubleClick: () => onOpen?.(row),
              onContextMenu: (e) => { if (!menu) return; e.preventDefault(); setFocused(i ?? -1); openMenu(row, e.clientX, e.clientY); },
            })}
            onChange={(pagination, filters, sorter, { action }) => {
              if (action === 'paginate') change({ page: pagination.current, size: pagination.pageSize });
              if (action === 'sort' && !Array.isArray(sorter)) change({ sort: sorter.order ? String(sorter.columnKey) : undefined, order: sorter.order === 'descend' ? 'desc' : 'asc' });
              if (action === 'filter') {
                const next = { ...state.filters };
                for (const [key, value] of Object.entries(filters)) {
                  if (columns.some((column) => column.key === key && column.moment)) continue; // has told its own
                  if (value && value.length) next[key] = String(value[0]);
                  else delete next[key];
                }
                change({ filters: next });
              }
            }}
            pagination={{
              current: state.page, pageSize: state.size, total, showSizeChanger: true, pageSizeOptions: [10, 25, 50, 100, 200, 500], size: 'small',
              hideOnSinglePage: dense && total <= state.size, showTotal: (n, [from, to]) => t('table.total', { from: countText(from), to: countText(to), total: countText(n) }),
            }}
          />
        </div>
      )}
      {open && menu && (
        <Dropdown open trigger={[]} onOpenChange={(is) => !is && setOpen(undefined)} autoFocus
          menu={{ items: menu(concerned(open.row), selection), onClick: () => setOpen(undefined) }}
          popupRender={(node) => <div onBlur={(e) => { if (!e.currentTarget.contains(e.relatedTarget)) setOpen(undefined); }}>{node}</div>}>
          <span style={{ position: 'fixed', left: open.x, top: open.y, width: 1, height: 1 }} />
        </Dropdown>
      )}
      {open && <div style={{ position: 'fixed', inset: 0, zIndex: 1000 }} onMouseDown={() => setOpen(undefined)} onContextMenu={(e) => { e.preventDefault(); setOpen(undefined); }} />}
    </div>
  );
}
