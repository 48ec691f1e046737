package run

import (
	"context"
	"fmt"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// askPrompts asks vars_prompt's questions, but those that extra vars answer.
func (ps *playState) askPrompts(ctx context.Context) error {
	if len(ps.play.VarsPrompt) == 0 {
		return nil
	}
	answers := value.NewDict()
	t := ps.playTemplar("")
	get := func(f playbook.Field) (value.Value, bool, error) {
		if !f.Set {
			return nil, false, nil
		}
		v, err := t.Render(f.Val, f.Pos)
		return v, err == nil, err
	}
	for _, p := range ps.play.VarsPrompt {
		nv, _, err := get(p.Name)
		if err != nil {
			return &FatalError{Msg: err.Error()}
		}
		name := value.Str(nv)
		if ps.r.o.Store.Extra.Has(name) {
			continue
		}
		text := name
		if v, ok, err := get(p.Prompt); err != nil {
			return &FatalError{Msg: err.Error()}
		} else if ok {
			text = value.Str(v)
		}
		def, hasDef, err := get(p.Default)
		if err != nil {
			return &FatalError{Msg: err.Error()}
		}
		private := true
		if v, ok, _ := get(p.Private); ok {
			private, _ = ToBool(v)
		}
		confirm := false
		if v, ok, _ := get(p.Confirm); ok {
			confirm, _ = ToBool(v)
		}
		ps.r.o.Sink.Event(event.VarsPrompt{Name: name, Prompt: text, Private: private, Confirm: confirm, Default: def})
		answer, err := ps.ask(ctx, text, def, hasDef && def != nil, private, confirm)
		if err != nil {
			return err
		}
		var result value.Value = answer
		if v, ok, _ := get(p.Unsafe); ok {
			if b, _ := ToBool(v); b {
				result = value.Unsafe(answer)
			}
		}
		if v, ok, _ := get(p.Encrypt); ok && value.Truth(v) {
			result, err = ps.encrypt(p, answer, value.Str(v))
			if err != nil {
				return err
			}
		}
		answers.Set(name, result)
	}
	merged := value.NewDict()
	merged.Update(ps.play.Vars)
	merged.Update(answers)
	ps.vars.Vars = merged
	return nil
}

func (ps *playState) ask(ctx context.Context, text string, def value.Value, hasDef, private, confirm bool) (string, error) {
	question := text + ": "
	if hasDef {
		question = fmt.Sprintf("%s [%s]: ", text, value.Str(def))
	}
	for {
		if ps.r.o.Input == nil {
			return value.Str(def), nil
		}
		a, ok, err := ps.r.o.Input.Prompt(ctx, question, private)
		if err != nil {
			return "", err
		}
		if !ok {
			ps.r.warn("Not prompting as we are not in interactive mode")
			return value.Str(def), nil
		}
		if confirm {
			b, _, err := ps.r.o.Input.Prompt(ctx, "confirm "+text+": ", private)
			if err != nil {
				return "", err
			}
			if a != b {
				ps.r.o.Sink.Event(messageOf("***** VALUES ENTERED DO NOT MATCH ****"))
				continue
			}
		}
		if a == "" && hasDef {
			return value.Str(def), nil
		}
		return a, nil
	}
}

// encrypt hashes an answer as the password_hash filter does.
func (ps *playState) encrypt(p playbook.Prompt, answer, scheme string) (value.Value, error) {
	view := ps.r.o.Store.TaskView("localhost", ps.vars, nil, ps.magic(nil, nil))
	local := value.DictOf("goplay_answer", value.Unsafe(answer), "goplay_scheme", scheme)
	expr := "goplay_answer | password_hash(goplay_scheme"
	if p.Salt.Set {
		local.Set("goplay_salt", p.Salt.Val)
		expr += ", salt=goplay_salt"
	}
	if p.SaltSize.Set {
		local.Set("goplay_size", p.SaltSize.Val)
		expr += ", salt_size=goplay_size"
	}
	v, err := ps.r.o.Engine.New(view.Local(local), templarScope(ps)).Eval(expr+")", p.Pos)
	if err != nil {
		return nil, &FatalError{Msg: err.Error()}
	}
	return v, nil
}
