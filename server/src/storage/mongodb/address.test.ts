import { describe, expect, it } from 'vitest'
import { readAddress } from './address.ts'
import { sentenceOf } from './failures.ts'
import { kindOf } from './server.ts'

const sentenceFor = (url: string): string => {
  try {
    readAddress(url)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it was taken')
}

describe('a MongoDB URL', () => {
  it('names hosts, user, database, and how much of the server is ours', () => {
    const url =
      'mongodb://ann:p%40ss@a:1,b:2/im?replicaSet=rs&pool_size=7&timeout=900&batch=100&authSource=admin'
    expect(readAddress(url)).toEqual({
      url: 'mongodb://ann:p%40ss@a:1,b:2/im?replicaSet=rs&authSource=admin',
      user: 'ann',
      database: 'im',
      poolSize: 7,
      timeout: 900,
      batch: 100,
      place: 'a:1,b:2',
    })
  })

  it('is refused with the known options when it has an unknown one', () => {
    expect(sentenceFor('mongodb://a/im?w=0')).toMatch(
      /unknown option "w": known are pool_size, timeout, batch, auth/,
    )
  })

  it('is refused when it names no database, or none that can be', () => {
    expect(sentenceFor('mongodb://a:1')).toMatch(/names no database: write it as mongodb:/)
    expect(sentenceFor('mongodb://a:1/?timeout=500')).toMatch(/names no database/)
    expect(sentenceFor('mongodb://a:1/i.m')).toMatch(/"i\.m"/)
  })

  it.each(['pool_size=0', 'timeout=1', 'timeout=soon', 'batch=5000'])('is refused with %s', (option) => {
    expect(sentenceFor(`mongodb://a:1/im?${option}`)).toMatch(/give a whole number from/)
  })

  it.each([
    'mongodb://ann:s3cret@word@a:1/im',
    'mongodb://ann:s3cret/word@a:1/im',
    'mongodb://ann:s3cret%@a/im',
  ])('with raw characters in its password is refused without a word of it: %s', (url) => {
    expect(sentenceFor(url)).toMatch(/%/)
    expect(sentenceFor(url)).not.toMatch(/s3cret|@word|\/word/)
  })
})

describe('a failure', () => {
  const address = readAddress('mongodb://ann:s3cret@a:1/im')
  const said = (fields: object): string =>
    sentenceOf(Object.assign(new Error('x'), { name: 'MongoError' }, fields), address)

  it.each([
    [{ code: 18 }, /refuses user "ann": correct user, password and authSource/],
    [{ code: 13 }, /user "ann" may not write to database "im" at a:1: grant the role readWrite/],
    [{ code: 14_031 }, /disk of MongoDB at a:1 is full/],
    [{ message: 'database or disk is full (13)' }, /disk of MongoDB at a:1 is full/],
    [{ message: "cannot use 'j' option when a host does not have journaling enabled" }, /keeps no journal/],
    [
      { message: 'reports maximum wire version 8, but this version requires at least 9' },
      /upgrade it to MongoDB 4\.4/,
    ],
    [{ message: 'not primary' }, /no member that takes writes/],
    [{ message: 'connect ECONNREFUSED 127.0.0.1:1' }, /cannot be reached .*is it running/],
    [{ message: 'waiting for replication timed out' }, /did not answer within 5000 ms/],
  ])('is told with what helps: %o', (fields, sentence) => {
    expect(said(fields)).toMatch(sentence)
    expect(said(fields)).not.toMatch(/s3cret/)
  })
})

describe('the kind of a server', () => {
  it('is told from what it says of itself', () => {
    const build = { version: '7.0.0' }
    expect(kindOf({}, build)).toEqual({ isReplicated: false, isSharded: false, isFerret: false })
    expect(kindOf({ setName: 'rs' }, build)).toEqual({
      isReplicated: true,
      isSharded: false,
      isFerret: false,
    })
    expect(kindOf({ msg: 'isdbgrid' }, build)).toEqual({
      isReplicated: true,
      isSharded: true,
      isFerret: false,
    })
    expect(kindOf({}, { ...build, ferretdbVersion: 'v1' }).isFerret).toBe(true)
  })
})
