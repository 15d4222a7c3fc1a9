// Signaling: the socket counter. Our events on Socket.IO: who is there, who rings, who answers.
