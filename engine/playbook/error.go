package playbook

import "github.com/goplay-engine/goplay/engine/value"

// Error is a mistake in what the user wrote. Error() is the whole message as
// ansible-playbook prints it after "ERROR! ", excerpt and caret included.
type Error struct {
	Msg    string
	Pos    value.Pos
	Hint   string // "did you mean ..."
	Tried  []string
	Source string // the text of the file, for the excerpt
}

func (e *Error) Error() string { return e.Msg }
