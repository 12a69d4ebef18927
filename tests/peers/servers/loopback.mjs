// For servers that can't be told where to listen (`node --import ./loopback.mjs …`): they do so on the loopback
// interface alone, and say their port once it is open.
import { Server } from 'node:net';

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
    const opened = rest.find((argument) => typeof argument === 'function');
    return listen.call(this, { port: Number(port), host: '127.0.0.1' }, () => {
        console.log(`listening on port ${this.address().port}`);
        opened?.();
    });
};
