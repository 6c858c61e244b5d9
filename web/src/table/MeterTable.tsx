// «Таблица приборов учёта» (S0 4.3.1): edited here, written all at once or not at all.
import { DownloadOutlined, DownOutlined, PlusOutlined, SearchOutlined, UploadOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Dropdown, Empty, Input, Skeleton, Tooltip } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, ApiError, saveBlob } from '../api/client';
import { useMay } from '../api/session';
import { useDrivers, useRegistryChanged } from '../devices/registry';
import { useAct, useDestructive } from '../parts/acts';
import { useLeaveGuard } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { bodyOf, copyOf, draftOf, isChanged, merge, newRow, nextId, problemsOf, type DraftRow, type Mistake, type Problems, type Table, type Taken } from './draft';
import { ImportTable } from './ImportTable';
import { RunDialog } from './RunDialog';
import { ScanDialog } from './ScanDialog';
import { isHub, pageOf, TableGrid, useTypes } from './TableGrid';
import { RowStatus, TestPanel, useTest, type Order } from './test';

const tablePath = ['/table'];

/** What is being edited: rows over what the server has. */
function useEditor(table: Table | undefined) {
  const [rows, setRows] = useState<DraftRow[]>();
  const [seen, setSeen] = useState<Table>();
  const [problems, setProblems] = useState<Problems>({});
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const show = useCallback((now: Table) => {
    setSeen(now);
    setRows(now.rows.map(draftOf));
    setProblems({});
    setChosen(new Set());
  }, []);
  const dirty = !!rows && !!seen && (rows.length !== seen.rows.length || rows.some(isChanged));
  const [given, setGiven] = useState<Table>();
  if (table && table !== given && !dirty) { // the first answer, or a newer one; what was just written may be newer than both
    setGiven(table);
    if (!seen || table.revision >= seen.revision) show(table);
  }
  const change = useCallback((key: string, part: Partial<DraftRow>) => {
    setRows((all) => all?.map((row) => (row.key === key ? { ...row, ...part } : row)));
    setProblems((all) => Object.fromEntries(Object.entries(all).filter(([cell]) => !Object.keys(part).some((field) => cell === `${key}.${field}`))));
  }, []);
  const choose = useCallback((key: string, on: boolean) => setChosen((all) => {
    const next = new Set(all);
    if (on) next.add(key);
    else next.delete(key);
    return next;
  }), []);
  return { rows: rows ?? [], setRows, seen, show, problems, setProblems, chosen, setChosen, dirty, change, choose };
}

type Editor = ReturnType<typeof useEditor>;

/** Writes the table; what others changed meanwhile is the person's to decide. */
function useWrite(editor: Editor, reveal: (place: number) => void) {
  const { t } = useTranslation('table');
  const { message, modal } = App.useApp();
  const registryChanged = useRegistryChanged();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const send = async (revision: number, rows: DraftRow[]) => {
    setBusy(true);
    try {
      const now = await api.put<Table>('/table', { revision, rows: bodyOf(rows) });
      client.setQueryData(tablePath, now);
      editor.show(now);
      await registryChanged();
      void message.success(t('written'));
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      const { first, mistakes } = e.beside as { first?: Mistake[]; mistakes?: number };
      if (e.code === 'changed') {
        modal.confirm({ title: t('changedTitle'), content: t('changedHint'), okText: t('overwrite'), cancelText: t('app:cancel'), onOk: () => send(0, rows) });
      } else if (first?.length) {
        editor.setProblems(problemsOf(rows, first));
        reveal(first[0].row);
        void message.error(t('mistakes', { count: mistakes ?? first.length }), 8);
      } else void message.error(e.fields[0] ? `${e.fields[0].field}: ${e.fields[0].message}` : e.message, 8);
    } finally {
      setBusy(false);
    }
  };
  return { busy, send };
}

const matches = (row: DraftRow, words: string) => [row.id, row.model, row.driver, row.serial, row.address, row.comment].some((text) => String(text).toLowerCase().includes(words));

export default function MeterTable() {
  const { t } = useTranslation('table');
  const may = useMay();
  const act = useAct();
  const destructive = useDestructive();
  const { message } = App.useApp();
  const { data, error, isPending, refetch } = useQuery({ queryKey: tablePath, queryFn: () => api.get<Table>('/table'), staleTime: 0 });
  const drivers = useDrivers();
  const types = useTypes(drivers);
  const editor = useEditor(data);
  const { rows, setRows, seen, chosen, dirty } = editor;
  const [page, setPage] = useState(1);
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState<'run' | 'import' | 'scan'>();
  const { busy, send } = useWrite(editor, (place) => {
    setSearch('');
    setPage(pageOf(place));
  });
  const test = useTest();
  useLeaveGuard(dirty);
  const write = may('Write.DeviceCommline') && may('Write.Devices'), launch = may('Write.Scheduler.JobLaunches');
  const free = nextId(rows, seen?.next ?? 1);
  const shown = useMemo(() => (search.trim() ? rows.filter((row) => matches(row, search.trim().toLowerCase())) : rows), [rows, search]);

  const append = useCallback((more: DraftRow[]) => {
    setSearch('');
    setRows((all) => [...(all ?? []), ...more]);
    setPage(pageOf(rows.length + more.length - 1));
  }, [rows.length, setRows]);
  const remove = useCallback((keys: Set<string>) => {
    setRows((all) => all?.filter((row) => !keys.has(row.key)));
    editor.setChosen(new Set());
  }, [editor, setRows]);
  const copy = (list: DraftRow[]) => append(list.map((row, i) => copyOf(row, free + i)));
  const cancel = () => {
    if (seen) editor.show(seen);
    void refetch();
  };
  const read = async () => {
    const { data: fresh } = await refetch();
    if (fresh) editor.show(fresh);
    void message.success(t('readDone', { count: fresh?.rows.length ?? 0 }));
  };
  const clear = () => destructive({
    title: t('clearTitle'), content: t('clearHint'), okText: t('app:clear'),
    act: async () => {
      await send(seen?.revision ?? 0, []);
      await refetch();
    },
  });
  const exported = () => act(async () => saveBlob(new Blob([JSON.stringify(await api.get('/table/export.json'), null, 1)], { type: 'application/json' }), 'meters.json'));
  const taken = (answer: Taken, replace: boolean) => {
    const merged = merge(rows, answer.rows, seen?.rows ?? [], replace);
    setRows(merged.rows);
    editor.setProblems(problemsOf(merged.from, answer.first));
    void (answer.mistakes ? message.warning(t('import.mistakes', { count: answer.mistakes }), 8) : message.success(t('import.done', { added: answer.added + answer.restored, changed: answer.changed })));
  };
  const order = (kind: Order, all: boolean) => {
    const ids = rows.filter((row) => row.was && row.enabled && (all || chosen.has(row.key)) && (kind === 'contact' || !isHub(row))).map((row) => row.was!.id);
    if (ids.length) void test.begin(kind, ids);
    else void message.info(t('test.nobody'));
  };
  const running = !!test.run && !test.run.ended;
  const picked = rows.filter((row) => chosen.has(row.key));
  const orders = (kind: Order) => (
    <Tooltip title={dirty ? t('test.writeFirst') : undefined}>
      <Button disabled={dirty || running || !rows.length} onClick={() => order(kind, picked.length === 0)}>{picked.length ? t(`test.${kind}Chosen`, { count: picked.length }) : t(`test.${kind}All`)}</Button>
    </Tooltip>
  );
  const interfaces = seen?.interfaces ?? [];

  return (
    <PageFrame title={t('title')} actions={<span className="quiet">{t('count', { count: rows.length })}{dirty && `, ${t('unsaved')}`}</span>}>
      {error && <Alert type="error" showIcon title={error.message} />}
      {seen && interfaces.length === 0 && <Alert type="info" showIcon title={t('noInterfaces')} action={<Link to="/links">{t('toLinks')}</Link>} />}
      <div className="toolbar">
        {write && <Button type="primary" icon={<PlusOutlined />} onClick={() => append([newRow(free, { interface: interfaces.find((link) => !link.hub)?.id ?? 0 })])}>{t('addRow')}</Button>}
        {write && <Button icon={<PlusOutlined />} onClick={() => setOpen('run')}>{t('addRun')}</Button>}
        {write && picked.length > 0 && <Button onClick={() => copy(picked)}>{t('copyChosen', { count: picked.length })}</Button>}
        {write && picked.length > 0 && <Button danger onClick={() => remove(chosen)}>{t('deleteChosen', { count: picked.length })}</Button>}
        {launch && orders('contact')}
        {launch && orders('poll')}
        {launch && <Button icon={<SearchOutlined />} disabled={!interfaces.length} onClick={() => setOpen('scan')}>{t('scan.title')}</Button>}
        <span className="grow" />
        <Input.Search allowClear placeholder={t('search')} aria-label={t('search')} style={{ width: 200 }} value={search} onChange={(e) => {
          setSearch(e.target.value);
          setPage(1);
        }} />
        <Dropdown trigger={['click']} menu={{ items: [
          ...(write ? [{ key: 'import', icon: <UploadOutlined />, label: t('import.button'), onClick: () => setOpen('import') }] : []),
          ...(may('Read.ProtocolSettings') ? [{ key: 'export', icon: <DownloadOutlined />, label: t('export'), disabled: dirty, onClick: () => void exported() }] : []),
        ] }}><Button icon={<DownOutlined />} iconPlacement="end">{t('file')}</Button></Dropdown>
      </div>
      <TestPanel test={test} />
      {isPending && <Skeleton active />}
      {seen && (rows.length === 0 ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('empty')} /> : (
        <TableGrid rows={shown} chosen={chosen} page={page} onPage={setPage} drivers={drivers} types={types} interfaces={interfaces} problems={editor.problems} readOnly={!write}
          statusOf={(row) => <RowStatus row={row} test={test} />} onChange={editor.change} onChoose={editor.choose}
          onChooseAll={(on) => editor.setChosen(new Set(on ? shown.map((row) => row.key) : []))} onCopy={(row) => copy([row])} onDelete={(row) => remove(new Set([row.key]))} />
      ))}
      {seen && write && (
        <div className="toolbar">
          <Button type="primary" loading={busy} disabled={!dirty} onClick={() => void send(seen.revision, rows)}>{t('app:save')}</Button>
          <Button disabled={!dirty || busy} onClick={cancel}>{t('app:cancel')}</Button>
          <Button disabled={busy} onClick={() => void (dirty ? destructive({ title: t('readTitle'), okText: t('read'), act: read }) : read())}>{t('read')}</Button>
          <Button danger type="text" disabled={busy || !rows.length} onClick={clear}>{t('app:clear')}</Button>
        </div>
      )}
      {open === 'run' && <RunDialog interfaces={interfaces} hubs={rows.filter(isHub)} next={free} onAdd={append} onClose={() => setOpen(undefined)} />}
      {open === 'import' && <ImportTable interfaces={interfaces} onTaken={taken} onClose={() => setOpen(undefined)} />}
      {open === 'scan' && <ScanDialog interfaces={interfaces} rows={rows} onClose={() => setOpen(undefined)} onAdd={(found) => append(found.map((row, i) => newRow(free + i, row)))} />}
    </PageFrame>
  );
}
