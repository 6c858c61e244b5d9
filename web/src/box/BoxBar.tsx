// Over every page of a gateway (S0 4.1): who it is and its signal; key parameters unfold; «Обновить данные», «Перезагрузить».
import { DownOutlined, PoweroffOutlined, ReloadOutlined, UpOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '../api/client';
import { useMay, useSetting } from '../api/session';
import { timeText, zoneText } from '../app/format';
import { useDestructive } from '../parts/acts';
import { State } from '../parts/state';
import './box.css';
import { boxTime, Facts, Signal, useBox, type Box } from './data';

function Lan({ lan, title }: { lan: Box['lans'][number]; title: string }) {
  const { t } = useTranslation('box');
  if (!lan.present) return <section><h2>{title}</h2><State kind="never">{t('lan.absent')}</State></section>;
  return (
    <section>
      <h2>{title}</h2>
      <Facts rows={[[t('lan.address'), <span className="mono">{lan.addresses.join(', ') || '—'}</span>], [t('lan.gateway'), <span className="mono">{lan.gateway || '—'}</span>],
        [t('lan.cable'), <State kind={lan.carrier ? 'ok' : 'partial'}>{t(lan.carrier ? 'lan.in' : 'lan.out')}</State>]]} />
    </section>
  );
}

export function KeyParameters({ box }: { box: Box }) {
  const { t } = useTranslation('box');
  return (
    <div className="box-bar-cards" data-testid="key-parameters">
      <section>
        <h2>{t('bar.device')}</h2>
        <Facts rows={[[t('home.time'), `${boxTime(box.clock.utc, box.clock.zone_minutes)} (${zoneText(box.clock.zone_minutes).slice(3)})`], [t('home.ports'), box.ports.join(', ')]]} />
      </section>
      <section>
        <h2>{t('modem.title')}</h2>
        <Facts rows={[[t('lan.address'), <span className="mono">{box.modem.address || '—'}</span>], [t('modem.operator'), box.modem.operator || '—'],
          [t('modem.registration'), box.modem.technology || t(`modem.states.${box.modem.state}`)]]} />
        <Link className="in-text" to="/box/diagnostics">{t('home.more')}</Link>
      </section>
      {box.lans.map((lan, i) => <Lan key={i} lan={lan} title={t('lan.title', { number: i + 1 })} />)}
    </div>
  );
}

export default function BoxBar() {
  const { t } = useTranslation('box');
  const may = useMay();
  const client = useQueryClient();
  const destructive = useDestructive();
  const [open, setOpen] = useSetting('box.bar', false);
  const { data: box, isFetching } = useBox();
  if (!box) return null;
  const restart = () => destructive({ title: t('restart.title'), content: t('restart.hint'), okText: t('restart.button'), act: () => api.post('/box/restart'), done: t('restart.done') });
  return (
    <aside className="box-bar" aria-label={t('bar.label')}>
      <div className="box-bar-line">
        <span className="wide-only"><span className="quiet">{t('home.type')}</span> {box.type || '—'}</span>
        <span><span className="quiet">{t('bar.serial')}</span> <span className="mono">{box.serial || '—'}</span></span>
        <span className="wide-only"><span className="quiet">{t('home.version')}</span> {box.version}</span>
        <Signal modem={box.modem} />
        {box.power.lost && <State kind="failed">{t('power.lost')}</State>}
        {box.failed_tests.length > 0 && <Link to="/box/diagnostics"><State kind="failed">{box.failed_tests.join(', ')}</State></Link>}
        <span className="grow" />
        <Button size="small" type="text" icon={open ? <UpOutlined /> : <DownOutlined />} aria-expanded={open} onClick={() => setOpen(!open)}>{t(open ? 'bar.hide' : 'bar.show')}</Button>
        {may('Write.HesConfig') && <Button size="small" icon={<PoweroffOutlined />} onClick={restart}>{t('restart.button')}</Button>}
      </div>
      {open && (
        <>
          <KeyParameters box={box} />
          <div className="box-bar-line">
            <span className="quiet">{t('bar.seen', { time: timeText(box.seen) })}</span>
            <Button size="small" icon={<ReloadOutlined spin={isFetching} />} onClick={() => void client.invalidateQueries({ queryKey: ['/box'] })}>{t('bar.refresh')}</Button>
          </div>
        </>
      )}
    </aside>
  );
}
