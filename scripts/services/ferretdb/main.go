// A stand-in for MongoDB in tests: FerretDB over SQLite on the real wire, as a program of its own.
package main

import (
	"context"
	"log"
	"log/slog"
	"os"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: ferretdb ADDRESS FOLDER")
	}
	slog.SetLogLoggerLevel(slog.LevelWarn)
	server, err := ferretdb.New(&ferretdb.Config{
		Handler: "sqlite",
		// The folder is thrown away after the tests: nothing in it must survive a power cut.
		SQLiteURL: "file:" + os.Args[2] + "/?_pragma=synchronous(off)",
		Listener:  ferretdb.ListenerConfig{TCP: os.Args[1]},
	})
	if err != nil {
		log.Fatal(err)
	}
	// A signal ends the process at once: waiting for clients would only make the tests' end late.
	if err := server.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
