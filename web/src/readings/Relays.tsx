// Relays of meters and outputs of modules (S0 4.4.1.2, 4.4.4): many are read at once, one is switched.
import RelayList from '../collection/RelayList';

export default function Relays() {
  return <RelayList single />;
}
