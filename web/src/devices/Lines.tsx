// The communication lines of a device, in the order in which they are tried (S3 2.2.6, 3.2).
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Empty, Flex, Switch, Table, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '../api/client';
import { useMay } from '../api/session';
import { useAct, useDestructive } from '../parts/acts';
import { LineDialog, type LinePut } from './LineDialog';
import { useDriverTitle, useRegistryChanged, type Line, type OpenDevice } from './registry';

/** Sends the whole list; what a line does not name stays as it is. */
function useLines(device: OpenDevice) {
  const changed = useRegistryChanged();
  return async (make: (lines: Line[]) => LinePut[]) => {
    try {
      await api.put(`/devices/${device.id}/lines`, { revision: device.revision, lines: make(device.lines) });
    } catch (e) {
      // Its errors name the line by its place in the list; a dialog has the fields of one line.
      if (e instanceof ApiError && e.fields.length)
        throw new ApiError(e.status, e.code, e.message, e.fields.map((f) => ({ ...f, field: f.field.replace(/^lines\[\d+\]\./, '') })));
      throw e;
    } finally {
      await changed();
    }
  };
}

export function Lines({ device }: { device: OpenDevice }) {
  const { t } = useTranslation('devices');
  const may = useMay();
  const act = useAct();
  const destructive = useDestructive();
  const driverTitle = useDriverTitle();
  const write = may('Write.DeviceCommline');
  const put = useLines(device);
  const [open, setOpen] = useState<{ line?: Line }>();
  const same = (line: Line): LinePut => ({ place: line.place });
  const change = (line: Line, fields: LinePut) => put((lines) => lines.map((one) => (one.place === line.place ? { ...same(one), ...fields } : same(one))));
  const move = (at: number, by: number) => put((lines) => {
    const order = [...lines];
    [order[at], order[at + by]] = [order[at + by], order[at]];
    return order.map((one, i) => ({ ...same(one), priority: i }));
  });
  const remove = (line: Line) => destructive({
    title: t('line.deleteTitle', { title: line.link_title || t('line.noLink') }), content: t('line.deleteHint'), okText: t('app:delete'),
    act: () => put((lines) => lines.filter((one) => one.place !== line.place).map(same)),
  });
  const address = (line: Line) => line.address || '—';
  return (
    <section className="panel" aria-label={t('line.title')} data-testid="lines">
      <Flex align="center" gap={8} style={{ marginBottom: 8 }}>
        <h2 style={{ fontSize: 15, margin: 0, flex: 1 }}>{t('line.title')}</h2>
        {write && device.lines.length < 8 && <Button size="small" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('line.add')}</Button>}
      </Flex>
      <Table<Line> size="small" rowKey="place" pagination={false} dataSource={device.lines} scroll={{ x: 'max-content' }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('line.empty')} /> }}
        columns={[
          { title: t('line.priority'), dataIndex: 'priority', className: 'number' },
          { title: t('line.link'), key: 'link', render: (_, line) => (line.link ? <Tooltip title={line.link_uri}><span>{line.link_title}</span></Tooltip> : t('line.noLink')) },
          { title: t('line.protocol'), key: 'protocol', render: (_, line) => (
            <>
              {line.protocol_title || <span style={{ color: 'var(--svod-color-text-secondary)' }}>{t('line.presets')}</span>}
              {Object.keys(line.parameters ?? {}).length > 0 && <div style={{ fontSize: 12, color: 'var(--svod-color-text-secondary)' }}>{t('line.ownCount', { count: Object.keys(line.parameters ?? {}).length })}</div>}
            </>
          ) },
          { title: t('line.driver'), key: 'driver', render: () => driverTitle(device.driver) },
          { title: t('line.address'), key: 'address', className: 'number', render: (_, line) => address(line) },
          { title: t('line.retries'), dataIndex: 'retries', className: 'number' },
          { title: t('line.enabled'), key: 'enabled', render: (_, line, i) => (
            <Switch size="small" checked={line.enabled} disabled={!write} aria-label={t('line.enabledOf', { n: i + 1 })} onChange={(enabled) => void act(() => change(line, { enabled }))} />
          ) },
          ...(write ? [{ title: <span className="unseen">{t('app:table.menu')}</span>, key: 'menu', render: (_: unknown, line: Line, i: number) => (
            <Flex gap={0}>
              <Button type="text" size="small" icon={<ArrowUpOutlined />} aria-label={t('line.up')} disabled={i === 0} onClick={() => void act(() => move(i, -1))} />
              <Button type="text" size="small" icon={<ArrowDownOutlined />} aria-label={t('line.down')} disabled={i === device.lines.length - 1} onClick={() => void act(() => move(i, 1))} />
              <Button type="text" size="small" icon={<EditOutlined />} aria-label={t('app:edit')} onClick={() => setOpen({ line })} />
              {may('Delete.DeviceCommline') && <Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={t('app:delete')} onClick={() => remove(line)} />}
            </Flex>
          ) }] : []),
        ]} />
      {open && (
        <LineDialog key={open.line?.place ?? 0} device={device} line={open.line} onClose={() => setOpen(undefined)}
          save={(line) => put((lines) => (open.line ? lines.map((one) => (one.place === open.line!.place ? line : same(one))) : [...lines.map(same), line]))} />
      )}
    </section>
  );
}
