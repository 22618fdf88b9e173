// The line on which the playground tells what changed; it is taken up again whenever it breaks.

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 4000;

export function listen(heard, connected) {
  let pause = FIRST_PAUSE;

  function connect() {
    const address = new URL("/live", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.addEventListener("message", (event) => {
      pause = FIRST_PAUSE;
      connected(true);
      heard(JSON.parse(event.data));
    });
    socket.addEventListener("close", () => {
      connected(false);
      setTimeout(connect, pause);
      pause = Math.min(pause * 1.6, LONGEST_PAUSE);
    });
  }

  connect();
}
