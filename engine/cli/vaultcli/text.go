package vaultcli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/vault"
)

// plain is one text to encrypt.
type plain struct{ text, name, from string }

// encryptString writes YAML with the encrypted texts of arguments, standard
// input and prompt.
func (c *command) encryptString(args []string) int {
	items, err := c.texts(args)
	if err != nil {
		return c.Fail(err, 1)
	}
	if items == nil {
		return c.Misused(c.emptyText)
	}
	var out []string
	for i, p := range items {
		data, err := vault.Seal([]byte(p.text), c.key.Password, c.key.ID, c.salt())
		if err != nil {
			return c.Fail(err, 1)
		}
		if len(items) > 1 {
			head := fmt.Sprintf("# The encrypted version of the string #%d from %s.", i+1, p.from)
			if p.name != "" {
				head = fmt.Sprintf("# The encrypted version of variable (\"%s\", the string #%d from %s).", p.name, i+1, p.from)
			}
			c.Screen.PrintErr(head, "")
		}
		out = append(out, inline(p.name, string(data)))
	}
	text := strings.Join(out, "\n") + "\n"
	if c.output != "" && c.output != "-" {
		if err := c.write(real(c.output), []byte(text), nil); err != nil {
			return c.Fail(err, 1)
		}
	} else {
		fmt.Fprint(c.Stdout, text)
	}
	if c.stdoutIsTTY {
		c.Screen.PrintErr("Encryption successful", "")
	}
	return 0
}

// inline is a vault text as a YAML value, indented by ten.
func inline(name, data string) string {
	head := "!vault |"
	if name != "" {
		head = name + ": " + head
	}
	for _, l := range strings.Split(strings.TrimSuffix(data, "\n"), "\n") {
		head += "\n          " + l
	}
	return head
}

// texts collects what is to be encrypted; nil says that a text was empty.
func (c *command) texts(args []string) ([]plain, error) {
	var items []plain
	fromStdin := len(args) == 0 && !c.prompt || c.stdinName != ""
	var rest []string
	for _, a := range args {
		if a == "-" {
			fromStdin = true
		} else {
			rest = append(rest, a)
		}
	}
	if c.prompt {
		p, err := c.promptText()
		if err != nil {
			return nil, err
		}
		if p.text == "" {
			c.emptyText = "The plaintext provided from the prompt was empty, not encrypting"
			return nil, nil
		}
		items = append(items, p)
	}
	if fromStdin {
		if c.stdinIsTTY {
			c.Screen.PrintErr("Reading plaintext input from stdin. (ctrl-d to end input, twice if your content does not already have a newline)", "")
		}
		b, err := io.ReadAll(c.Stdin)
		if err != nil {
			return nil, err
		}
		if len(b) == 0 {
			c.emptyText = "stdin was empty, not encrypting"
			return nil, nil
		}
		items = append(items, plain{string(b), c.stdinName, "stdin"})
	}
	names := c.names
	if c.prompt && len(names) > 0 {
		names = names[1:]
	}
	if len(names) > len(rest) {
		c.Warn(fmt.Sprintf("The number of --name options do not match the number of args: %d names for %d texts", len(names), len(rest)))
	}
	for i, a := range rest {
		if a == "" {
			c.emptyText = "The plaintext provided from the command line args was empty, not encrypting"
			return nil, nil
		}
		p := plain{a, "", "the command line args"}
		if i < len(names) {
			p.name = names[i]
		}
		items = append(items, p)
	}
	return items, nil
}

func (c *command) promptText() (plain, error) {
	p := plain{from: "the interactive prompt"}
	if len(c.names) > 0 {
		p.name = c.names[0]
	} else {
		name, err := c.ask("Variable name (enter for no name): ")
		if err != nil {
			return p, err
		}
		p.name = strings.TrimSpace(name)
	}
	if c.show {
		text, err := c.ask("String to encrypt: ")
		p.text = text
		return p, err
	}
	for i := 0; ; i++ {
		text, err := c.AskHidden("String to encrypt (hidden): ")
		if err != nil {
			return p, err
		}
		again, err := c.AskHidden("Confirm String to encrypt (hidden): ")
		if err != nil {
			return p, err
		}
		if text == again {
			p.text = text
			return p, nil
		}
		if i == 2 {
			return p, fmt.Errorf("the texts entered do not match")
		}
		c.Warn("The texts entered do not match, try again")
	}
}

// ask reads a line with echo.
func (c *command) ask(text string) (string, error) {
	fmt.Fprint(c.Stderr, text)
	if c.in == nil {
		in := c.Stdin
		if in == nil {
			in = os.Stdin
		}
		c.in = bufio.NewReader(in)
	}
	line, err := c.in.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}
