// Keeps one core busy until it is ended from outside.
for (;;);
